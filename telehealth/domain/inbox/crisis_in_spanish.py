"""The words that must not wait, in Spanish: harm to oneself, by others or to others, danger, a cry for help.

Data for ``domain.inbox.replies``, written as ``domain.inbox.grammar`` says. In doubt it is urgent: one too many costs a
look at a phone, one too few may cost a life. Whoever speaks of somebody else is heard, too. What stands among the
harmless phrases is taken out first. English stands beside it.
"""

from __future__ import annotations

from telehealth.domain.inbox.grammar import Phrases, read_groups

GROUPS = read_groups(
    """
    quiero: quiero quisiera quiere queria quise quieren quiso deseo desearia deseos_de prefiero preferiria ganas_de
        voy_a va_a van_a vamos_a pienso_en pienso pensando_en piensa pensar_en pense_en ojala ojala_me ojala_no
        mejor debo deberia intento intente trato_de trate_de trata_de intenta gustaria dan_ganas_de estoy_por planeo
        amenaza_con habla_de decidi me_quiero se_quiere me_voy_a se_va_a se_quiso me_queria a_punto_de considerando
        necesito puedo
    morir: morir morirme morirse estar_muerto estar_muerta desaparecer dejar_de_existir dejar_de_vivir no_existir
        no_despertar no_despertara matarme matarse suicidarme dormir_para_siempre no_estar_aqui no_haber_nacido
        ya_no_despertar ya_no_estar acabar_con_todo irme_para_siempre me_muera muriera muerto muerta me_muriera
        despertara despierte no_despierte no_estuviera nunca_haber_nacido dormirme_y_no terminar_con_todo acabar_ya
    no: no ya_no sin nunca tampoco ni
    vivir: vivir seguir_viviendo vivo existir estar_vivo estar_viva despertar despertarme estar_aqui
        estar_en_este_mundo seguir_aqui seguir_asi seguir_adelante seguir luchar seguir_con_esto vivir_asi existo
        mi_vida esta_vida la_vida estar_mas mas_vida
    pega: pega pego pegan pegaron pegaba pegando golpea golpeo golpean golpearon golpeaba golpeando patea pateo
        patearon ahorca ahorco ahorcando estrangulo empujo empuja ataco ataca atacaron agredio agrede agredieron
        amenaza amenazo amenazan amenazaron amenazando viola violo violaron abusa abuso abusaron lastima lastimo
        lastimaron maltrata maltrato maltratan quemo encerro acosa acosan persigue persiguen siguiendo persiguiendo
        apunto apunta disparo apunalo cachetea cacheteo jalo manosea manoseo secuestro asalto asaltaron mata mato
        hace_dano hizo_dano quiere_matar va_a_matar quiere_pegar quiere_hacer_dano va_a_pegar van_a_matar
        quieren_matar madrea madreo pateando insulta_y esta_pegando hacen_dano tiene_encerrada tiene_encerrado
    hijo: hijo hija hijos hijas bebe nino nina ninos esposa esposo mama papa pareja novia novio madre padre hermano
        hermana alguien el ella marido mujer
    muchas: todas todo todos muchas muchos demasiadas demasiados monton frasco punado varias bastantes bote caja 20
        30 40 50 veinte treinta mas
    pastillas: pastillas pastilla pildoras medicinas medicamentos medicamento tabletas capsulas somniferos frasco
        calmantes antidepresivos tranquilizantes paracetamol
    tome: tome tomo tomar tomarme trague tragarme tomado tomando tragado bebi trago tomaria
    dano: dano algo_malo algo_feo una_locura una_tonteria algo_a_mi
    """
)

VIDA = """
    vida <no> .. vale|sentido|importa; ya no estar; me duele vivir|existir; me cuesta vivir; vivir .. me duele
    me|se <tome> .. pastillas|frasco|pildoras|veneno|cloro; me|se <tome> la|las pastillas|pastilla
    un frasco de <pastillas>; muchas ganas de morir*; ya no .. estar en este; irme de este; ya no .. vivir
    no .. razon|sentido|caso .. vivir|seguir|vida; me volvi a cortar; navaja; me arranco
    ya no tengo fuerzas|nada|razon; <no> .. fuerzas; quiero irme para|con dios|siempre; ya no valgo; <no> valgo nada
    no sirvo para; <no> sirve de nada vivir; todo se acabo para mi; este es el fin; es mi fin; ultimo mensaje
    perdon por todo; perdonenme; perdoname por todo; cuiden a mis|mi; cuida a mi; nadie me necesita
    dejar este mundo|de_sufrir; <no> quiero sufrir; suicid*; matarme; matarse; matarte; matarnos; me mato; me mate
    se mato; me|se|la|lo quiero|quiere|queria|voy_a|va_a matar; quiero matar; matar; mata; matando; muerte; muerto
    muerta; morir; morirme; morirse; matar a|al; matarlo*; matarla*; <quiero> <morir>; <quiero> .. <morir>
    me|se quiero|quiere|voy_a|quise|va_a|quisiera morir|desaparecer|suicid*; <quiero> me? muer*; mejor me muero
    me muero; mejor muerto|muerta|muertos|muerte; la muerte; quitarme|quitarse|quitarte|quitarnos la vida
    me|se quito|quita|quite|quiero_quitar|voy_a_quitar|va_a_quitar|quiere_quitar|quise_quitar la vida
    quitar la vida; acabar|terminar|acabo|termino|acabe|acabo con todo|esto|mi|este|su|mi_vida
    ponerle|poner? fin a|; poner fin; que todo acabe|termine|se_acabe; que se acabe todo; acabar de una vez
    todo se acabe; <no> .. quiero|quiere|deseo|queria|tengo|encuentro|veo|siento|hay|quedan .. <vivir>
    <no> .. ganas|razon|razones|motivo|motivos|sentido|fuerzas de|para|por|a? <vivir>|nada
    <no> .. ganas de vivir|seguir|nada; <no> .. sentido; nada .. sentido; sin sentido; este mundo; otro mundo
    <no> vale .. vivir|seguir|nada; la vida <no>; perdi .. ganas|esperanza*; <no> .. esperanza*
    para que|quien vivir|vivo|seguir|sigo; cansad*|hart*|agotad* de .. vivir|vida|todo|existir|luchar|sufrir
    odio mi|la|vivir vida?; mejor sin mi; soy una|un carga|estorbo; a nadie le importo|importa
    nadie me|va|nos .. extran*|quiere|entiende; nadie .. extran*; <no> aguanto; <no> lo aguanto; <no> soporto
    <no> puedo mas; ya no puedo; <no> puedo seguir|vivir|con; <no> doy para|mas; me rindo; me doy por vencid*
    <no> quiero seguir|vivir|existir; ya no quiero .. mas|nada; quiero que .. acabe|termine|pare; que pare .. dolor
    dormir*|dormirme y|para no|siempre|nunca|ya_no; <no> despertar; haber nacido; <no> merezco .. vivir|vida
    hacerme|hacerle|hacerse|hacernos|haga|hacer|hago|hice|haciendo|haciendome|haciendose me|le|se? <dano>; lastimar*
    lastimo; lastimando*
    me|se corto|corte|corta|corto|estoy_cortando|cortando|esta_cortando|quiero_cortar|volvi_a_cortar|he_cortado
    me .. cortando; cortarme; cortarse; cortandome; cortar* las|los|mis|la venas|munecas|brazos|piernas; las venas
    herirme; herirse; ahorcar*; colgarme; colgarse; autolesi*
    tirarme|aventarme|lanzarme|arrojarme|tirar|aventar|lanzar|saltar|brincar de|del|desde|por|al|a|en; tirarme
    aventarme; lanzarme; un puente; balazo; un tiro; sobredosis; <tome> .. <muchas> .. <pastillas>
    <muchas> .. <pastillas>; pastillas para; veneno; cloro; envenen*; recai; recaida
    adios para_siempre|mundo|a_todos; para siempre adios; despedirme; despedirse; hasta nunca; carta de despedida
    cuando ya no este; si me muero; si yo no estuviera; <no> voy a estar mas|aqui; desesperad*
    """
PELIGRO = """
    hay un|una|alguien|hombre|tipo? hombre|tipo|senor? afuera|dentro|en|rondando .. casa|puerta|ventana
    hay un|una|alguien|hombre|tipo? alguien|desconocido|extrano? afuera|dentro|en|rondando .. casa|puerta|ventana
    del cuello; tio|papa|padrastro|hermano|primo|abuelo|vecino|maestro|profesor me toca|tocaba
    estoy asustada|asustado|aterrada|aterrado; segur* con el|mi|ella|mis; me siguen; me sigue; me persiguen
    me vigilan; me espian; me ayuda alguien; manden|mande|mandar|manda .. ayuda
    tio|papa|padrastro|hermano|primo|abuelo|vecino|maestro .. me toco; me toca donde|sin|y; me toco sin|y|mis
    me tocan; me obligaron; me forzo|forzaron; no paro|para de golpe*|pega*; golpeo|golpes
    me dio|da una|un|de golpe|golpes|cachetada|paliza|golpiza|patadas; a golpes; moretones|moreton; esta armado
    disparos; balas; me estan; estan .. matando; me quieren hacer; nos quiere|va_a|quieren matar|pegar|golpear
    tengo mucho|tanto miedo; tengo miedo; miedo a|de mi esposo|marido|novio|pareja|ex|papa; <no> me suelta
    ven rapido; vengan rapido; vuelvo|volviendo loc*; loca y|de; me|nos|le|lo|la|les|te|se <pega>
    me|nos|la|lo|le esta|estan|anda|viene|vienen .. pegando|golpeando|siguiendo|persiguiendo|amenazando|acosando
    me|nos|la|lo|le sigue|siguen|quiere .. pegando|golpeando|siguiendo|persiguiendo|amenazando|acosando
    me|nos|la|lo|le quieren|va_a|van_a .. pegando|golpeando|siguiendo|persiguiendo|amenazando|acosando
    me|nos|la|lo|le esta|estan|anda|viene|vienen .. matar|pegar|golpear|lastimar|maltratando|siguiendome
    me|nos|la|lo|le sigue|siguen|quiere|quieren|va_a|van_a .. matar|pegar|golpear|lastimar|maltratando|siguiendome
    siguiendome; alguien me sigue|siguiendo; me sigue un|una; <pega> a mi|su|mis|la|el|los|un|una? .. <hijo>
    pegarle; pegarme; golpearme; golpiza; violen*; abuso; abusa; abusaron; abusando; abusado|abusada; maltrat*
    violacion; violador; violar*; violaron; violada|violado; cuchillo; pistola; arma; armas; navaja; machete
    amenaz*; secuestr*; acos*; estrangul*; apunal*; miedo a|de|que .. mi|el|ella|hacer|haga|morir|lo|me|mate
    tengo .. miedo; me da miedo; temo por|que; peligro; a salvo; segur* en .. casa|aqui; <no> me siento segur*
    insegura en; encerrad*; <no> me deja|dejan salir|ir|irme; me tiene|tienen amenaz*|encerrad*|atrapad*; me obliga
    me obligo; escondid*; voces; alucin*; hay alguien en; emergencia; emergencias; auxilio; socorro; policia
    ambulancia; crisis; ataque* de panico|ansiedad|nervios; sangr*; desmay*; convulsion*; <no> .. respira*
    dolor de|en pecho|el_pecho; infarto; inconsciente; hospital psiqui*; matar; quiere matar; <no> reacciona
    ayudame; ayudenme; ayudeme; ayudanos; ayudennos; ayudarme; necesit* .. ayuda
    ayuda por_favor|urgente|ya|porfavor|ayuda|me; por favor ayuda*; alguien .. ayud*; urge ayuda|hablar
    necesito|urge hablar .. alguien|ya|ahora|urgente; me siento .. muy_mal|desesperad*|morir|vaci*; muy mal .. ayuda
    estoy .. desesperad*; pensamientos .. suicid*|malos|oscuros|feos|muerte|morir; malos|feos pensamientos
    tocando fondo; toque fondo; <no> estoy bien .. ayuda
    """

CRISIS = Phrases(VIDA + PELIGRO, GROUPS)

HARMLESS = Phrases(
    """
    miedo de llegar|perder|olvidar; hay alguien en casa para
    me sigue|siguen doliendo|mandando|llegando|cobrando|llamando|saliendo|enviando|diciendo|apareciendo|molestando
    segur* con mi|el horario|numero|seguro|cita; <tome> mis pastillas|medicinas|medicamentos
    me toco trabajar|turno|ir|a|el|la|otra|cuidar|salir
    me estan llamando|esperando|pidiendo|cobrando|mandando|diciendo|arreglando|operando
    cuiden a mis hijos manana|hoy; tengo miedo de no; tengo miedo que no; cuida a mi hijo manana|hoy
    ultimo mensaje que me; <no> tengo nada pendiente|que; ya no tengo nada que; me golpeo la|el|con
    un golpe en|de el|la|suerte|carro; <no> .. fuerzas para ir|manejar; es mi fin de; este es el fin de
    contacto*|numero|telefono|formulario|datos|persona de|para|en? caso? de? emergencia|emergencias
    emergencia familiar|del_trabajo|en_el_trabajo|de_trabajo; no es|hay una? emergencia|urgencia; crisis de agenda
    no puedo mas que|tarde|temprano|pronto|cerca|alla|de|horas|antes|dias|a|hasta|en
    no puedo con|seguir|vivir esa|ese|la|el|este|esta|lejos|usando|esperando
    <no> puedo .. ese|esa|el|este|esta|mas_tarde dia|hora|horario|fecha|lunes|martes|miercoles|jueves|viernes
    ya no puedo ir|asistir|llegar|ese|esa|el|a|la|manana|hoy|esta|este|mas_tarde|cambiar
    ya no puedo venir|entrar|conectarme|tomar|hacer|a_las|antes|despues|pagar|en|los|las|por|hablar_ahora
    ayudame|ayudenme|ayudeme|ayudarme|ayuda por_favor? a|con|para|en|cambiar|reagendar
    necesit* .. ayuda con|para|a|en; alguien .. ayud* a|con|para|en; me ayuda|ayudan|ayude a|con|para
    alguien .. ayud* a|con
    me muero|morir de|por risa|ganas|hambre|calor|frio|pena|verlos|verla|verte|sueno|verguenza; me muero por|de
    muerta|muerto de|del; la bateria .. muerta|muerto|muere|murio; celular|telefono muerto
    <no> quiero seguir esperando|en|con_el_grupo|con_las; <no> quiero nada mas? por|gracias|de
    <no> quiero .. mensajes|recordatorios|textos
    <no> tengo|hay|veo|encuentro .. enlace|link|opcion|cita|correo|carro|tiempo|hora|cobertura|seguro
    <no> .. ganas de ir|manejar; <no> .. sentido ir|venir|manejar
    me pego|pega la|el|un|una? gripe|gripa|resfriado|sol|covid|catarro|virus|frio|el_sol
    me robaron el|mi celular|carro|coche|telefono; se arma; arma el|la; acoso de spam; me lo|la|le pego; se me
    mata el|la|el_dolor|de_risa; <hijo> muerto|muerta; naturaleza muerta; hora|horas muertas; punto muerto
    hablar con alguien sobre|de|para; alguien de; miedo de|a|que no|los|las|volar|agujas|se_me
    tengo .. miedo a|de los|las|volar|no; me siento muy mal del|de
    voy a acabar|terminar|acabar tarde|temprano|de|a|el; <no> aguanto el|la dolor_de|muela|trafico|calor|tos
    dejar de venir; para que no se; segura en linea; pegar el enlace; mata el tiempo
    me corto la|el llamada|internet|cabello|pelo|luz; se corto la|el|; me corto el; cortarme el|la pelo|cabello|unas
    saltar la|el|esa|de cita|turno
    """,
    GROUPS,
)
