"""The words that end texts, in English and Spanish. Data for ``domain.inbox.replies``, written as ``grammar`` says.

A stop cannot be taken back by us, so it has to be certain: a word that carriers act on, alone, or a sentence that is
about texts and about nothing else (47 CFR 64.1200(a)(10) honours any words that a reasonable person would take for
one). What only sounds like it is asked about.

Sources: Twilio's default keywords for long codes (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT; START, YES, UNSTOP;
HELP, INFO) with REVOKE and OPTOUT, which the FCC added (in force since April 11, 2025).
"""

from __future__ import annotations

from telehealth.domain.inbox.grammar import Phrases, read_groups, read_words

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "alto", "parar"})
"""Reserved: carriers act on them when they are the whole message."""
STOP_IN_ANY_COMPANY = frozenset({"stop", "stopall", "unsubscribe", "optout", "alto", "parar"})
"""Those that mean texts even beside a "please". "Please cancel" is about an appointment, and for a person to read."""
MISTYPED = frozenset({"stop", "stopall", "unsubscribe"})
"""Those that nobody takes for another word when two letters have changed places."""
SLIPS = read_words("stp stpp stip stiop stop0 sto0p 5top st0p stopt unsubcribe unsuscribe")
SLIPS_THAT_ARE_WORDS = frozenset({"stoop"})

START_WORDS = frozenset({"start", "unstop"})
OPT_IN_WORDS = frozenset({"start", "unstop", "yes"})
"""What begins texts again for somebody who ended them; to anybody else "yes" is a yes."""
HELP_WORDS = frozenset({"help", "info", "ayuda"})

ENGLISH_GROUPS = read_groups(
    """
    texts: text texts text_messages messages sms notifications reminders text_reminders reminder_texts alerts
        text_notifications automated_texts automated_messages appointment_reminders text_alerts robotexts
    them: anymore this that these those them it stuff crap things anything any any_more spam
    stop: stop quit cease end discontinue cancel disable turn_off shut_off halt block
    contacting: texting messaging contacting bothering spamming harassing bugging annoying sms
    contact: text message contact sms bother spam txt
    me: me us this_number this_phone my_phone my_number my_cell to_me to_us to_this_number to_my_phone to_my_number
    the: anymore anymore_of_these anymore_of_your anymore_of_the the these this those your my any all any_of all_of
        any_more more more_of any_of_these all_of_these all_of_the all_the all_these such stupid automated so_many
        any_of_your any_more_of all_of_your
    no: dont never nolonger dont_ever dont_please please_dont dont_you
    want: want wish like care consent agree need
    get: to_get to_receive to_have get receive getting receiving to_be_getting to_be_receiving to_be_sent to_see
        you_to_send you_sending
    take: take remove delete erase drop scratch get
    number: my_number this_number my_phone my_phone_number this_phone_number our_number this_phone the_number
        my_cell my_cell_number
    list: list lists system database contacts texting_list text_list mailing_list contact_list call_list
        calling_list message_list messaging_list phone_list reminder_list sms_list texts text_messages messages
        reminders text_reminders notifications
    your: your the this all any all_your these
    wrong: wrong_number wrong_person wrong_phone wrong_phone_number incorrect_number wrong_guy
    you: you youve you_all yall you_guys i_think_you i_believe_you think_you im_afraid_you looks_like_you sorry_you
        u
    have: have got texted reached called are_texting contacted messaged sent_this_to dialed must_have probably_have
        hit
    """
)
SPANISH_GROUPS = read_groups(
    """
    mensajes: mensaje mensajes mensajitos mensajes_de_texto textos texto sms avisos recordatorios notificaciones
        mensajes_automaticos nada mensajeria
    los: los estos sus tus esos mas los_mas de_esos de_estos otros mas_de_estos mas_de_esos todos_los tantos mis
    dejen: deje dejen deja dejar pare paren para parar
    corten: pare paren parar cancele cancelen cancelar cancela suspenda suspendan suspender detenga detengan detener
        cancelo desactiven desactivar
    enviar: enviar enviarme enviarnos mandar mandarme mandarnos escribir escribirme escribirnos textear textearme
        molestar molestarme contactarme mensajear mensajearme contactar fastidiar
    envien: envie envien envies envia mande manden mandes manda escriba escriban escribas textee texteen contacte
        contacten moleste molesten molestes mensajeen
    quiten: quite quiten quita borre borren borra elimine eliminen elimina saque saquen saca remueva remuevan quitar
        borrar eliminar sacar
    quitenme: quiteme quitenme quitame borreme borrenme elimineme eliminenme saqueme saquenme remuevanme
    numero: mi_numero este_numero mi_telefono mi_celular mi_numero_de_telefono el_numero
    lista: lista listas sistema base_de_datos lista_de_mensajes lista_de_contactos lista_de_textos contactos
        mensajes los_mensajes textos
    su: su la esta sus tu el los
    equivocado: numero_equivocado persona_equivocada equivocado_de_numero equivocada_de_numero telefono_equivocado
    """
)

BEFORE = Phrases(
    """
    please|hi|hello|hey|ok|okay|just|now|sorry|so|yes|and|can
    could|would|will|you|kindly|guys|thanks|then|also|well|again|ugh|omg|to; i want|need|wish|asked|told|beg you? to
    i would|am like|asking you? to; id like you? to; i said|say|repeat; you need|have to; let me; reply|texting
    text; good morning|afternoon|evening|day; for the last time; once|one more|again time?; im asking you to
    excuse me; to whom it may concern; would you mind
    por|favor|hola|ya|quiero|quisiera|que|necesito|de|si|buenas|buenos|tardes
    dias|noches|oiga|oigan|disculpe|perdon|les|le|pido|gracias|solicito|lo|siento|creo
    """
)
AFTER = Phrases(
    """
    please|thanks|thank|you|anymore|again|ever|now|here|already|immediately|asap|forever|altogether
    permanently|ok|okay|bye|today|sir|maam|guys|everyone|right|i|because|or|and|but
    to|at|on|from|for|with me|us|this|my|good|all|once|number|phone|cell|you; any longer|further
    from you_guys|your_office|your_number|your_practice|this_number|yall; in the future; going forward; starting now
    this|my|your number|phone|cell|office; all the time; i mean it; i said; or else; im serious; whatsoever
    completely; not interested; por|favor|gracias|ya|mas|nunca|ahora|a|este|mi|numero|telefono|celular
    jamas|inmediatamente|de|una|vez|aqui|por|siempre|en|adelante|ok|buen|dia
    """
)
"""What stands around a stop without changing it. One after the other is taken from the ends of a sentence."""

CERTAIN_ENGLISH = Phrases(
    """
    <stop> <contacting> <me> with <the>? <texts>; i|we? want no <the>? <texts>
    <stop> <contacting> and <contacting> <me>; <stop> it|with? <the>? <texts>
    <stop> sending <me>? <the>? <texts>|<them>? <me>?; <stop> sending; <stop> with <the> <texts>; stop these|texting
    stop this|all texting; <stop> <contacting> <me>?; <stop> <texts> <me>; stop blowing up my phone
    <stop> getting|receiving <the>? <texts>; <stop> all <texts>; stop it with the <texts>; no <the>? <the>? <texts>
    <no> <contact> <me>?; i|we? <no> <want> <get>? <the>? <texts>; i|we? <no> <want> <the> <texts> sent? <me>?
    <no> send <me>? <the>? <texts>|<them> <me>?; i|we? <no> want|wish|like to <get> these|those|them|any|this
    i|we? <no> want these|those; i|we? <no> want|like you <contacting>|to <me>|<contact> <me>?
    i|we? <no> <want> to be texted|contacted|messaged|spammed|bothered
    <take> <number> off|from? of|from? <your>? <list>?; <take> me|us off|from|out of|from? <your> <list>
    <number> off <your> <list>; opt me|us|out out? of|from? <your>? <texts>?; opting out of|from? <your>? <texts>?
    i opt out; opt <number> out; optout; unsubscribe me|us|<number>|from? from? <your>? <list>?; unsubscribed
    i|we? revoke|withdraw my? consent|permission to|for|of? <get>|be? <the>? <texts>|texted?; leave me|us alone
    lose my|this number; remove consent; texts off; turn <texts> off; turn <the> <texts> off; no texting
    no contact by text
    """,
    ENGLISH_GROUPS,
)
CERTAIN_SPANISH = Phrases(
    """
    <dejen> de <enviar> <los>? <mensajes>?; <corten> <los>? <mensajes>; <corten> mi|la? suscripcion
    no quiero|deseo|queremos|quisiera mas; no me|nos? <envien> <los>? <mensajes>?
    no quiero|deseo|queremos|necesito recibir? <los>? <mensajes>
    no quiero|deseo que me|nos <envien> <los>? <mensajes>?; no|sin|basta|ya mas|de|no <los>? <mensajes>
    no me gusta recibir <los>? <mensajes>; <quitenme> de|del <su>? <lista>; <quiten> <numero> de|del? <su>? <lista>?
    <quiten> <numero> de todo; baja; darme|dar|deme|denme|dame|darse de baja
    darme|deme|denme de baja de|del <su>? <lista>; desuscri*; cancelar|anular suscripcion; detener; detenga
    detengan; dejenme|dejeme|dejame en paz; no molesten|molestar
    """,
    SPANISH_GROUPS,
)
WRONG_NUMBER = Phrases(
    """
    <wrong> please? stop|quit <contacting> <me>?; <wrong> please? no more? <texts>
    <wrong> please? <no> <contact> <me>?; <wrong> please? stop
    <wrong> please? remove|delete me|this_number|my_number; <wrong>; <you> <have> the|a|an? <wrong>
    this|it|thats|its|that|you is|are|have? the|a|an|at? <wrong>; the <wrong>; <wrong> bro|dude|buddy
    """,
    ENGLISH_GROUPS,
)
NUMERO_EQUIVOCADO = Phrases(
    """
    <equivocado>; es|tiene|tienen|este_es|esta|estan|marco un|el|numero? <equivocado>
    se equivoco|equivocaron|equivocan de numero|persona|telefono; esta equivocado|equivocada
    """,
    SPANISH_GROUPS,
)
"""A sentence that is one of these, and nothing else, ends texts at once."""

LIKE_A_STOP = Phrases(
    """
    <stop> .. <texts>; stop <contacting>; <no> .. <contact> <me>; <no> .. send .. <texts>|<them>
    <no> .. want|need|wish .. <texts>; no more .. <texts>; take|remove|delete|get me|us off|from?
    take|remove|delete|get .. <number>|list; off .. list; unsubscrib*; opt|opting|opted me|us? out; optout
    leave me alone; wrong number|person; lose my number; revoke*; spam*
    blocked|blocking|block|report|reporting you|this; too many .. <texts>; harass*; how|want|like .. stop .. <texts>
    please|just|now|ok|i stop; stop please|it|now; isnt .. number|phone; nobody|no|noone .. by that name
    who is this stop; stop; no <texts>; <dejen> .. de .. <enviar>|<mensajes>; <corten> .. <mensajes>
    no .. <envien> .. <mensajes>; no .. quiero|deseo .. <mensajes>; no mas .. <mensajes>; ya no .. <mensajes>
    <quitenme>; <quiten> .. <numero>; de baja; desuscri*; suscripcion; no me <envien>; equivocad*; se equivoco
    en paz; no molest*; alto; parar; no es el numero
    """,
    {**ENGLISH_GROUPS, **SPANISH_GROUPS},
)
"""What may be a stop."""

NOT_A_STOP = Phrases(
    """
    dont|never|wont|cant|not|nolonger|didnt|no|without .. stop|unsubscribe|opt|lose|losing
    dont|never|wont|cant|not|nolonger|didnt|no|without .. miss|missed|missing|cancel|turn; keep; if i|we
    should i|we; do i lose|still|need|have|get; does; will i; what; why; how does|many
    it|text|message|that|this|your says; means|mean; when i
    before|after|until|till|during|while|early|earlier|late|later|only
    except|unless|instead|weekends|night|nights|work|working|bedtime|meeting|class
    english|spanish|ingles|espanol|group|bank|video|zoom|calendar|email|emails
    insurance|waitlist|waiting|wait|schedule|calls|meds|medication|smoking|drinking|crying
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|next|10|11|12|1|2|3|4|5|9|8; use; file
    husband*|wife|wifes|mom|moms|dad|daughter|son|ex|mother|mothers; stopped|stops|stopping by; bus|train|metro stop
    stop at|by|in|over|for|to|working|seeing|therapy|coming|taking; nonstop
    i booked|have|got|gave|put|entered .. wrong; about|regarding; no deje*|pare*|quiten|borre*; perder; si
    lista de espera; del|el|un grupo
    antes|despues|hasta|cuando|mientras|temprano|solo|cita|sesion|esposo|esposa|hijo|noche|trabajo|clase|banco
    """
)
"""What makes it another wish: an order not to stop, a question, a limit of time or place, another subject."""

RETRACTED = Phrases("jk; just kidding; kidding; never mind; nevermind; joking; wait no; es broma")
