"""The words by which people answer a reminder, in English and Spanish. Data for ``domain.inbox.replies``.

They stand in the spelling of ``spelling.spell_plainly`` and are written as ``domain.inbox.grammar`` says.
"""

from __future__ import annotations

from telehealth.domain.inbox.grammar import Phrases, read_groups, read_words

EXPLICIT_ENGLISH = Phrases("i|we|to? confirm|confirmed|confirming|confirms|conf")
EXPLICIT_SPANISH = Phrases("confirmo|confirmar|confirmado|confirmada|confirmamos")
"""They can only be about an appointment. "Yes" may be the answer to anything that staff asked."""

ENGLISH_GROUPS = read_groups(
    """
    ill: i_will ill we_will well will shall i_can we_can can i_plan_to we_plan_to im_going_to going_to
        i_still_plan_to
    im: im were we_are weare he_is she_is hes shes
    you: you ya yall you_guys you_all
    then: then there soon later guys all both at_the_appointment
    that: that it this that_day_and_time that_time the_time this_time that_day time
    fine: fine good great perfect okay ok cool awesome alright all_good
    me: me us both_of_us everyone my_son my_daughter my_husband my_wife
    day: day one night evening weekend week afternoon morning time
    a_good: a_good a_nice a_great a_wonderful a_blessed a_lovely a_beautiful an_amazing a_happy an_awesome
    for_the: you_for for for_the for_your for_this for_that you_for_the you_for_your you_for_this you_for_all
        you_for_sending
    reminder: reminder reminders update info information text message heads_up confirmation help note quick_reply
        response reply notice
    doing: letting_me_know letting_us_know reminding_me reminding_us reaching_out checking_in checking confirming
        everything all_you_do understanding texting sending_this the_help your_help your_time your_patience
    got: got_it got_this got_that got_your_text got_your_message got_the_message got_the_reminder got_the_text
        got_your_reminder see_it see understand know remember remembered received_it received_this
        received_your_message have_it have_it_down saw_it noted_it
    """
)
SPANISH_GROUPS = read_groups(
    """
    ahi: ahi alli alla hay ay ai aqui
    estare: estare estaremos voy_a_estar vamos_a_estar estoy estamos
    voy: voy vamos iremos ire asistire asistiremos acudire acudiremos asisto asistimos
    bien: bien perfecto excelente genial ok okay bueno listo
    buen: buen bonito lindo excelente feliz bello
    buena: buena bonita linda excelente feliz bella
    el_aviso: el_recordatorio el_aviso el_mensaje su_mensaje su_recordatorio recordarme recordarnos avisar avisarme
        recordar todo la_informacion su_ayuda la_ayuda informar informarme su_atencion la_confirmacion el_texto
        recordarme_la_cita recordarme_mi_cita su_tiempo escribir
    """
)

YES_ENGLISH = Phrases(
    """
    plan|planning|planned|looking to be|attend|come|make there|it?; i plan on it|being|coming|attending there?
    i? going_to be there; sure will; i sure will|do|am; all set|ready; ready; all set and ready; looking forward to?
    looking forward to our; thatll|itll work|do|be <fine>?; got you see you; ill there
    yes|y|yep|yup|yeah|yea|yess|yas|yass|ya|yah|ye|aye|yessir|yuppers|yepp|yeh; uh huh; yes|yeah i do|am|will|can
    yes that is; heck|hell yes|yeah; ok|okay|okey|k|kk|okie|okk|oki|okiedokie|okeydoke
    okie|okey|oki dokie|dokey|doke|doki; alright|alrighty|aight|roger|copy|bet|affirmative; roger|copy that
    sure|absolutely|definitely|certainly|totally|indeed|correct|exactly|deal|agreed|accepted; sure thing; of course
    for sure; will do; you bet; you got it; sounds like a plan; count me|us in; right on; no doubt; by all means
    10 4; that is|thats correct|right; i agree|accept; see|c <you> <then>?; cu <then>?; cya|seeya
    <ill> see <you> <then>?; <ill> be seeing <you>; looking forward to it|that|you|seeing
    looking forward to seeing <you>; cant wait; till|until then
    <ill> be <then>|coming|attending|present|ready|able|here|online; <ill> be on time
    <ill> make it|that|this <then>?; <ill> make it to; <ill> come|attend|join|participate; ill|i|we|will? b|be there
    b there; still planning to? be? coming|attending|come|attend; planning on it|coming|being
    <im> still? coming|attending|confirmed|confirming|available; im still? on|going; <im> still? able to make it
    <im> <fine>|set|free for|to|with|at|on; still <fine>|on for|with|at; <im> all? set|ready; good to go
    able to come|make_it|attend; <im> still? able to come|attend|make_it|join; still coming|attending|on; coming
    attending; i|we can|will; i|we will|can do; on my|our|the way; be right there; ill be right there; almost there
    yes it|that is|does|works|will; no changes; nothing changed
    """,
    ENGLISH_GROUPS,
)
FINE_ENGLISH = Phrases(
    """
    fine; works; sounds <fine>; sounds <fine> to <me>; <that> works|work still?; <that> is|s still? <fine>
    thats|its <fine>; thats|its|<that> <fine> with|by|for <me>; <that> <fine>; <that> will|should|does|still work
    works for|with <me>; works|work great|fine|perfectly|well; <fine> with|by|for <me>
    im okay|fine|ok|good with it|that|this; perfect time; is <fine>
    """,
    ENGLISH_GROUPS,
)
YES_SPANISH = Phrases(
    """
    orale|andale|bueno|ok pues; confirmadisimo; ahi te|le|les veo; que si|asistire|ire|voy|vamos|estare
    manana ahi <estare>; si tengo|recuerdo cita?; si|sip|sii|sipi|simon|claro|vale|sale|listo|lista|dale|va
    ok|okey|oki|orale|bueno|afirmativo|correcto|exacto|cierto|efectivamente|conforme|acepto|aceptado
    claro|clarisimo que si; de acuerdo; por supuesto; desde luego; sin falta; todo en orden; asi es
    con mucho? gusto; si senora|senor|senorita|doctora|doctor; como no; cuenten|cuente|cuenta conmigo|con
    sera un placer; sale y vale; sale pues; va que va; pues si; eso si; <ahi> <estare>; <estare> <ahi>
    <ahi> nos|los|le|la|te vemos|veremos|veo; nos vemos|veremos <ahi>?; <voy>
    voy|vamos a <bien>? ir|asistir|llegar|estar|acudir|estar <ahi>?; <estare> presente|listo|lista|puntual
    hasta manana|luego|pronto|entonces|alla|el; los|las|le|la|te veo manana|alla|ahi|el; alla voy; ya voy; en camino
    voy en camino; voy para alla; ya estoy en camino; asistencia confirmada
    queda|quedo|quedamos|esta confirmada|confirmado|confirmados; ahi sin falta
    """,
    SPANISH_GROUPS,
)
FINE_SPANISH = Phrases("esta|todo|muy|ta|parece|estoy|estamos <bien>; me parece|queda <bien>", SPANISH_GROUPS)
"""A yes to whatever we said last. What is only "fine" may be a new time that they propose."""

ABOUT_ENGLISH = Phrases(
    """
    one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirty; our|the session|sessions|meeting|visit
    with you|you_guys; in the morning|afternoon|evening
    for|at|on|by|to|and|of|as|is|both|then|here|too|also|again|still|the|my|our|this|that|his|her|it|around; both of
    in person|the; with you|her|him|dr|doctor|them
    appointment|appointments|session|visit|time|meeting|slot|call|booking|date|consultation
    my|our|for|his|her son|daughter|kid|husband|wife|child|sons|daughters|kids; for me|us|him|her
    tomorrow|today|tonight|tomorrows|todays|morning|afternoon|evening
    noon|oclock|am|pm|person|virtually|online|scheduled|planned|usual|always
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed
    thu|thur|thurs|fri|sat|sun|mondays|tuesdays|wednesdays|thursdays|fridays
    january|february|march|april|june|july|august|september|october|november|december
    jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec; in a few|bit|minute; us; a m; p m; a; p
    """
)
ABOUT_SPANISH = Phrases(
    """
    a|para|de|en|por|con|el|la|los|las|mi|nuestra|nuestro|su|del|al
    y|que|tambien|ahi|alli|esa|ese|esta|este|dia|cita|citas|sesion|consulta|visita|turno
    manana|hoy|lunes|martes|miercoles|jueves|viernes|sabado|domingo|noche
    entonces|mediodia|puntual|tiempo|siempre|quedamos|yo
    hijo|hija|esposo|esposa|dra|dr|asistencia|senora|senor|senorita|ambos|juntos; los dos; como siempre
    en|por|de la tarde; esta tarde
    enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre
    """
)
"""What an answer may name: the appointment, its time, the people. "See you next week" may be no yes to tomorrow."""

COURTESY_ENGLISH = Phrases(
    """
    dont worry; do not worry; at all; to you too|as_well|also|all; for getting back to me|us
    thank you for getting back to me|us; thanks for getting back to me|us; hope you|you_all|yall have <a_good> <day>
    thanks|thank_you all|guys|ladies|yall; thanks|thank_you for everything|all you|yall do
    sorry for late|my_late reply|response; sorry late reply; so|too|very|really sweet|nice|kind|thoughtful of_you?
    youre|your|you_are so|too|very|really|just sweet|nice|kind|thoughtful|great
    i will remember|note|keep_in_mind|be_ready; ill be ready; hope all is well; hope youre well|good|doing_well
    much love; no need to reply; thats all; thanks|thank|cheers|tysm|blessings|amen|appreciated|grateful
    thank you|ya|yall|u; thanks a lot|bunch|million; so|very much; thanks again|everyone|much; many thanks
    thanks|thank <for_the> <reminder>?; thanks for|you <reminder>; thanks|thank for|you <doing>
    thank you for <doing>; for the <reminder>; for <doing>; reminder appreciated; much|greatly appreciated
    much obliged; i|we|really? appreciate it|you|that|this|the|your <reminder>?; god? bless you?; please
    you too|also; you as well; same to you; same here; likewise; welcome
    youre|your|you_are the? welcome|best|awesome|amazing|so_kind|too_kind|kind|sweet|the_best; the best
    hi|hello|hey|heya|heyy|hiya|helloo|hii there|again|guys?; good morning|afternoon|evening|night|day; goodnight
    gm; morning; greetings; dear; bye|goodbye|byebye; bye bye; take care; you? have <a_good> <day> too?
    enjoy your <day>; stay safe|warm|well
    happy thanksgiving|holidays|friday|monday|new|birthday|easter|halloween year?; merry christmas; you rock
    love it; xoxo; xo; hugs; peace
    great|perfect|perfecto|awesome|excellent|wonderful|lovely|cool|nice|amazing|fantastic|super|sweet
    wow|yay|good|neat|fabulous|brilliant|terrific|gotcha|noted|understood|received|seen|dope|fab
    i|we|ive|have? <got>; got it|this|that; <got>; duly noted; good to know; makes sense; message received
    will keep in mind; ill|will remember; it_is|its|have_it on|in my calendar; on|in my calendar
    i have it written? down; thats good to know; no problem|problems|worries|prob|probs|biggie|problemo|issue|issues
    np; nw; not a problem; all good; its all good; its okay|ok|alright|cool
    thats okay|nice|great|awesome|sweet|kind|so; so sweet|nice|kind of? you?; how nice; my bad; oops
    haha|hahaha|lol|lmao|hehe|ha|hah|oh|ah|aw|aww|well|yw|hooray
    sir|maam|mam|miss|madam|doc|doctor|guys|team|everyone|friend|buddy|hun|hon|love|ladies|so|yall
    sorry for the late|delayed|slow reply|response; talk soon|later; talk to you soon|later|then; ttyl; sincerely
    regards; best|kind|warm regards; oh okay; i see; ok i see; just saw this
    """,
    ENGLISH_GROUPS,
)
COURTESY_SPANISH = Phrases(
    """
    gracias|hola|buenas|buenos_dias|buenas_tardes|muchas_gracias doctora|doctor|dra|dr; saludos cordiales|a_todos
    igual para usted|ustedes|ti; lo mismo|igual para|le usted|deseo; que dios le|la|lo|los|te|les bendiga
    muy amables; con mucho gusto gracias; que le|te|les vaya bien; hasta luego gracias
    bonita|linda|excelente tarde gracias
    gracias|muchas_gracias por el|su|la|todo recordatorio|mensaje|apoyo|aviso|paciencia|atencion?
    gracias|muchisimas; muchas|mil|muchisimas gracias; gracias a usted|ustedes|dios|ti; gracias por <el_aviso>
    por <el_aviso>; se lo|le|les|te agradezco; le|les agradezco; agradecida|agradecido; muy amable|amables
    que amable; bendiciones|saludos|abrazo|abrazos|besos|amen; un abrazo|saludo; dios le|lo|la|te|los|les bendiga
    por favor; hola|holi|ola; buenos dias|tardes; <buen> dia|fin; buenas; buenas tardes|noches|dias
    <buena> tarde|noche|semana; que este|esten bien
    que tenga|tengan|tengas|pase|pasen un|una? <buen>|<buena> dia|tarde|noche|fin|semana
    tenga|tengan|pase|pasen un|una? <buen>|<buena> dia|tarde|noche|fin|semana; de semana; igualmente|igual
    perfecto|excelente|genial|super|estupendo|fantastico|magnifico|maravilloso|entendido
    enterado|enterada|recibido|anotado|anotada|comprendido|notificado|notificada|bien; muy bien gracias; lo tengo
    ya lo vi|tengo|se; ya se; entiendo; quedo|estoy enterado|enterada|pendiente|atento|atenta; adios|chao|chau
    cuidese|cuidate|cuidense; de nada; a usted|ti|ustedes; feliz navidad|ano|cumpleanos nuevo?; no hay problema|de
    no hay de que; no se preocupe|preocupen; no pasa nada; no te preocupes; no hay cuidado; sin problema
    jaja|jajaja|jeje|ja|ay|ah|oh; disculpe|disculpa|perdon; disculpe la tardanza|demora|molestia; que bueno|bien
    que bien gracias; senora|senor|senorita|amiga|amigo
    """,
    SPANISH_GROUPS,
)
"""Said beside an answer it changes nothing; alone it asks for nothing."""

WISH_ENGLISH = Phrases(
    """
    i|we need|want|wanted|needed to|a|my?; i|we can|could|may have|get a; have a; id|wed|i like to|a
    i|we would like to|a; i|we have|must|got to; need|needs|want|hoping|trying|like|looking to|a|for?; need|have to
    is there any|a way|chance|time; is it possible to; any chance|way; possible|possibly; wondering|wonder if
    i was wondering if; i|we|my|be|an|me|us|up|back; unfortunately; something came up; due to; im sorry; so sorry
    sorry; sooner|later|earlier if possible; so; if possible; for another; a different; im going to need to
    """
)
WISH_SPANISH = Phrases(
    """
    necesito|necesitamos|quiero|queremos|quisiera|quisieramos|desearia|deseo|debo|seria|es|me|le
    nos|lo|una|un|posible|gustaria|yo|nosotros|hay|forma|manera|lamentablemente|desafortunadamente
    tengo|tendria|tenemos|tendre que; me gustaria; es posible; se puede; seria posible; lo siento; surgio algo
    una disculpa; si es posible; si se puede
    """
)
"""What stands around a wish to move."""

ASKS = Phrases(
    """
    can|could|may|might|should|would|will|am|is|are|have|has|did|do|does i|we|you|it|this|my|the please?
    is it ok to; would it be possible to; how do|can i|we; puedo|podria|podemos|pueden|puede|podriamos; sera que
    """
)
"""What makes a question of a yes, with or without its mark; a wish to move may be asked."""

MOVE_ENGLISH = Phrases(
    """
    r|reschedule|resched|reschedul|rescheduled|rescheduling|resked
    reskedule|rs|rescheduale|reschuedule|move|change|postpone|rebook; re schedule|scheduling|sched|book
    schedule|book another|different|new time|day|date
    move|change|switch|postpone|reschedule|rebook it|my|the|our|this|that? appointment|time|day|date|session|visit?
    move|change|switch to? another|a|different? different|another|new? time|day|date
    different|another|new|other|better time|day|date|slot|appointment
    pick|choose|find|get a? another|new|different|other time|times|day|date|slot; push it|my back|out appointment?
    """
)
MOVE_SPANISH = Phrases(
    """
    cambiar|cambio|mover hora|fecha|dia|cita|horario
    cambiar|cambio|cambiarla|cambiarlo|mover|moverla|moverlo|reprogramar|reprogramarla|reprogramo
    reagendar|reagendarla|reagendo|posponer|posponerla
    aplazar|aplazarla|recalendarizar|reajendar|recorrer|recorrerla
    cambiar|cambio|mover|reagendar|reprogramar de|la|el|mi hora|fecha|dia|cita|horario|sesion
    otra|nueva hora|fecha|cita; otro|nuevo dia|horario
    agendar|sacar|buscar otra|otro|nueva|nuevo fecha|dia|hora|cita|horario
    """
)

NAMES_A_TIME = r"\d{1,2}(?::?\d\d)?(?:am|pm|a|p|th|st|nd|rd|hrs|h)?|\d{3,4}(?:am|pm)?"

LETTERS = "abde"
"""How the appointments in "which one?" are named. C is a yes, and so are the figures 1 and 2 taken."""
FIGURES = "1234"
"""The same places, as people count them."""
ORDINALS = {
    "first": 0, "first one": 0, "1st": 0, "1st one": 0, "primera": 0, "primero": 0, "la primera": 0, "el primero": 0,
    "second": 1, "second one": 1, "2nd": 1, "2nd one": 1, "segunda": 1, "segundo": 1, "la segunda": 1, "el segundo": 1,
    "third": 2, "third one": 2, "3rd": 2, "tercera": 2, "tercero": 2, "la tercera": 2, "el tercero": 2,
    "fourth": 3, "fourth one": 3, "4th": 3, "cuarta": 3, "cuarto": 3, "la cuarta": 3, "el cuarto": 3,
}  # fmt: skip
NAMES = Phrases("option|letter|choice|number|opcion|letra|numero? b|d|e")
"""A letter that may be said beside a "please"."""
ALL_OF_THEM = frozenset(
    {"all", "both", "both of them", "all of them", "todas", "todos", "ambas", "ambos", "las dos", "los dos", "las 2"}
)
BEFORE_A_LETTER = frozenset({"option", "letter", "choice", "number", "opcion", "letra", "numero", "la", "el", "the"})

DECLINES = Phrases(
    """
    no; nope; nah; n; ya no; not coming|able|going|available|attending|tomorrow|today|anymore
    cant make|come|attend|be|do|go|join|get; wont make|come|attend|be|do|go|join|need; wont; wouldnt be|make
    unable|able to make|come|attend|be; im|we|she|he|hes|shes|were not|isnt coming|able|going|available|attending
    isnt coming; arent coming; have|need|going to cancel; cancel; canceling; cancelling; cancelled|canceled
    dont think .. make|come|can; not gonna|going; no show; out of town|state|the; called in to; something came up
    forgot; pass on|this; skip*; miss|missing my|the|it|this|our|tomorrow|today; decline; sick; covid; hospital
    got called; cancel*; no puedo|podre|podremos|podemos|voy|vamos|ire|iremos|asistire
    no asistiremos|llego|llegare|alcanzo|vengo|vendre|estare|lograre|podria
    no va|van a .. ir|poder|asistir|llegar|estar; no .. poder; imposible; no confirmo; declin*; estoy enferm*
    enferm*; no alcanz*; no llego; no quiero ir; ya no .. ir|quiero|puedo; fuera de; 0 chance
    """
)
"""They cannot or will not come, or it sounds so."""

PRESSING = Phrases(
    """
    late; l8; delayed; delay; behind; on my|our way; almost there; be there in
    minutes|mins|min|minute away|late|out|more|behind; 5|10|15|20|30 min|mins|minutes; traffic; stuck; train
    flat tire; running; lost; parking; parked; here; im here; arrived; outside; lobby; waiting|wait room; link
    links; url; log in|on; login; sign in; get in|into|on; let|letting me in
    cant join|connect|hear|see|log|access|open|find|enter; join; connect*; reconnect*; disconnect*; video; audio
    camera; mic; microphone; sound; zoom; screen; wifi; internet; password; code; kicked|dropped out|me; froze
    frozen; glitch*; website; portal; where are you; anyone|anybody there; no one|nobody is|there|here; locked; door
    wrong building|room|floor|place|address; which room|building|floor|door|suite; where is|are|do; started
    starting; starts; begin; start; tarde; retras*; trafico; enlace; liga; camino; minutos; min; llegando; ya llegue
    aqui estoy; estoy aqui|afuera|en|esperando; afuera; esperando
    no puedo|logro|me|deja entrar|conectar*|unir*|oir|escuchar|ver|abrir|deja; conect*; no abre|funciona|sirve|carga
    donde es|esta|queda|estan|estoy; estacion*; perdid*; camara; clave; contrasena; atorad*
    """
)
"""It matters at once when a session is near."""

SPANISH_HINTS = read_words(
    """
    que el los las mi una un quiero puedo necesito hola gracias por para estoy tengo como cuando donde ayuda manana hoy
    cita favor buenos buenas dias tardes llego tarde voy ir si pero del al esta este se lo su hora cambiar cancelar
    mensajes numero enlace sesion ya muy mas porque cuanto cuesta quien quisiera podria soy hijo hija usted ustedes
    """
)
ENGLISH_HINTS = read_words(
    """
    the i my is are you to an for of and it in on at can do will have be what when where how need want was this that
    with not your
    """
)
"""Little words that only one of the languages has."""

YES_SIGNS = frozenset("👍👌✅✔☑🆗💯🙆🤙🫡")
KIND_SIGNS = frozenset(
    "🙏❤🧡💛💚💙💜🤍🖤🤎♥💖💗💓💕💞💝💘😊😀😃😄🙂☺😍🤗🎉🌞☀🥰😁😆😅😂🤣🙌👏💪✌🤝🌸🌻🌹🌺🌷🌼😇😉💐✨⭐🌟😎"
    "🥳🎊👋🤞🫶🤩😌😘😋🎂🎁🦋🌈🍀🐶🐱💃🕺🙋🤟👊✊🤓😺🎄🎃☕🌮☃⛄🥹🫰😜😝"
)
SAD_SIGNS = frozenset("👎❌🚫🛑⛔😢😭😞😔☹🙁😟😠😡🤬💔😰😱😨🤒🤕🤢🤮😷🤧❓❔⁉❗🙅✖🚑🆘🔪🔫💀☠⚰😣😖😫😩😓😥")
HEARTS = frozenset("❤♥🧡💛💚💙💜💖😍🥰")
MODIFIERS = frozenset("🏻🏼🏽🏾🏿♀♂")
"""The colours of a hand, and who holds it up."""

LIKES = read_words(
    """
    liked loved hearted likes loves le_gusta le_gusto le_encanta le_encanto me_gusta me_gusto me_encanta le_ha_gustado
    le_ha_encantado le_dio_me_gusta_a le_dio_like_a thumbs_up_to gave_a_thumbs_up_to
    """
)
NOTHING_SAID = read_words(
    "laughed_at emphasized emphasised se_rio_de se_rio_con le_dio_risa le_hizo_gracia enfatizo destaco subrayo"
)
FOR_A_PERSON = read_words(
    """
    disliked questioned no_le_gusta no_le_gusto no_me_gusta no_me_gusto le_disgusto le_disgusta cuestiono pregunto_por
    pregunto_sobre puso_en_duda dudo_de duda_de thumbs_down_to reacted_to reacted
    """
)
"""What a phone sends when somebody taps on our text: "Liked", and then our own text, quoted."""
TAKES_BACK = ("removed", "elimino", "quito", "retiro", "ya no", "unliked", "unloved", "borro")
WITH_A_SIGN = Phrases(
    """
    reacted|reacts with? .. to; to|a; reacciono|reaccion con? .. a; reacted with; reacciono; reaccion
    """
)
A_TEXT_OF_OURS = Phrases(
    """
    a|an|your|the|this|un message|text|image|photo|picture|reminder|mensaje|texto|imagen|recordatorio|foto
    una|el|la|su|tu|este message|text|image|photo|picture|reminder|mensaje|texto|imagen|recordatorio|foto
    """
)
