"""The words by which people answer texts, in English and Spanish. Data for ``domain.inbox.replies``.

They are folded as there: small letters, no accents, no signs, one space between words.

Sources: Twilio's default keywords for long codes (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT; START, YES, UNSTOP;
HELP, INFO) with REVOKE and OPTOUT, which the FCC added (47 CFR 64.1200(a)(10), in force since April 11, 2025).
"""

from __future__ import annotations

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "alto", "parar"})
"""Reserved: carriers act on them when they are the whole message."""

STOP_IN_ANY_COMPANY = frozenset({"stop", "stopall", "unsubscribe", "optout", "alto", "parar"})
"""Those that mean texts even beside a "please". "Please cancel" is about an appointment, and for a person to read."""

START_WORDS = frozenset({"start", "unstop"})
OPT_IN_WORDS = frozenset({"start", "unstop", "yes"})
"""What begins texts again for somebody who ended them; to anybody else "yes" is a yes."""

HELP_WORDS = frozenset({"help", "info", "ayuda"})

CONFIRM_ENGLISH = frozenset(
    {
        "c", "1", "confirm", "confirmed", "confirming", "yes", "y", "yep", "yup", "yeah", "yea", "yess", "sure", "ok",
        "okay", "okey", "k", "kk", "absolutely", "definitely", "of course", "sounds good", "see you", "see you soon",
        "see you then", "see you there", "see you tomorrow", "will be there", "be there", "ill be there",
        "im coming", "ill come", "will come", "coming", "that works", "works",
    }
)  # fmt: skip
CONFIRM_SPANISH = frozenset(
    {
        "si", "sip", "confirmo", "confirmar", "confirmado", "confirmada", "claro", "claro que si", "vale", "de acuerdo",
        "ahi estare", "alli estare", "asistire", "ire", "voy", "nos vemos", "por supuesto", "ahi nos vemos",
    }
)  # fmt: skip

CONFIRM_IN_SO_MANY_WORDS = frozenset(
    {"c", "1", "confirm", "confirmed", "confirming", "confirmo", "confirmar", "confirmado", "confirmada"}
)
"""Those that can only be about an appointment. "Yes" may be the answer to anything that staff asked."""

MOVE_ENGLISH = frozenset(
    {
        "r", "2", "reschedule", "resched", "rescheduled", "rescheduling", "move", "change", "change time",
        "change date", "different time", "another time", "new time",
    }
)  # fmt: skip
MOVE_SPANISH = frozenset(
    {"cambiar", "cambio", "cambiarla", "mover", "moverla", "reprogramar", "reprogramarla", "reagendar", "reagendarla",
     "otra hora", "otro dia", "cambiar hora", "cambiar fecha"}
)  # fmt: skip

COURTESY_ENGLISH = frozenset(
    {"thanks", "thank you", "thank u", "thx", "tks", "ty", "please", "pls", "plz", "hi", "hello", "hey", "cheers",
     "good morning", "good afternoon", "good evening", "so much", "very much", "a lot", "great", "perfect", "bye",
     "have a nice day", "have a good day", "have a great day", "you too", "no problem", "np"}
)  # fmt: skip
COURTESY_SPANISH = frozenset(
    {"gracias", "muchas gracias", "mil gracias", "por favor", "porfavor", "porfa", "hola", "buenos dias",
     "buenas tardes", "buenas noches", "buenas", "perfecto", "adios", "de nada", "igualmente"}
)  # fmt: skip
"""Said beside an answer it changes nothing; alone it asks for nothing."""

AROUND_A_WISH = frozenset(
    {"i", "we", "id", "wed", "need", "needs", "want", "wanna", "to", "can", "could", "would", "like", "have", "must",
     "may", "my", "our", "the", "this", "appointment", "appt", "apt", "session", "visit", "it", "for", "and", "me",
     "will", "be", "am", "a", "an",
     "necesito", "necesitamos", "quiero", "queremos", "quisiera", "puedo", "podemos", "podria", "gustaria", "mi",
     "nuestra", "la", "el", "una", "un", "cita", "sesion", "yo", "nosotros", "que", "tengo"}
)  # fmt: skip
"""Words that stand around "confirm" or "reschedule" without changing what is meant."""

NOT_QUITE_A_YES = (
    r"^(?:am|will|would|can|could|may|must|have) (?:i|we|my|our|the|it)\b",
    r"\b(?:may|can|could|would|must|(?:want|need|have|like) to) be there\b",
)
"""A question without its mark, and a doubt: "am I confirmed", "I may be there"."""

LETTERS = "abde"
"""How the appointments in "which one?" are named. C is a yes, and so are the figures 1 and 2 taken."""

FIGURES = "1234"
"""The same places, as people count them."""

ORDINALS = {
    "first": 0, "first one": 0, "primera": 0, "primero": 0, "la primera": 0, "el primero": 0,
    "second": 1, "second one": 1, "segunda": 1, "segundo": 1, "la segunda": 1, "el segundo": 1,
    "third": 2, "third one": 2, "tercera": 2, "tercero": 2, "la tercera": 2, "el tercero": 2,
}  # fmt: skip
ALL_OF_THEM = frozenset(
    {"all", "both", "both of them", "all of them", "todas", "todos", "ambas", "ambos", "las dos", "los dos"}
)
BEFORE_A_LETTER = frozenset({"option", "letter", "choice", "opcion", "letra"})

TEXTS = r"(?:text|texts|texting|textin|txt|txts|message|messages|messaging|msg|msgs|sms|notifications|reminders)"
MENSAJES = r"(?:mensaje|mensajes|mensajitos|texto|textos|sms|avisos|recordatorios)"
UNTIL_THE_END = r"(?:(?: any ?more| again| ever| please| thanks| thank you| here| at this number| on this number| to this number| at all| now)*)$"  # noqa: E501 -- one list

REVOCATIONS_ENGLISH = (
    rf"\b(?:stop|quit|cease) (?:\w+ ){{0,4}}{TEXTS}\b",
    r"\b(?:stop|quit|cease) (?:contacting|bothering|messaging|spamming)\b",
    rf"\b(?:do not|dont) (?:ever |please )?(?:text|txt|message|contact) (?:me|us|this number|my phone){UNTIL_THE_END}",
    rf"\b(?:do not|dont) (?:\w+ ){{0,2}}send (?:\w+ ){{0,3}}{TEXTS}{UNTIL_THE_END}",
    rf"\b(?:do not|dont) want (?:\w+ ){{0,4}}{TEXTS}{UNTIL_THE_END}",
    rf"\bno (?:more )?(?:of )?(?:these |your )?{TEXTS}{UNTIL_THE_END}",
    r"\b(?:take|remove|delete) (?:me|us|my number|this number|my phone number)\b(?: off| from| please|$)",
    r"\bunsubscribe\b",
    r"\bopt (?:me |us |my number )?out\b",
    r"\bopting out\b",
    r"\brevoke (?:\w+ ){0,2}consent\b",
    r"\bleave me alone\b",
    r"\blose my number\b",
)
REVOCATIONS_SPANISH = (
    rf"\b(?:deje|dejen|deja|pare|paren|para) de (?:\w+ ){{0,2}}(?:{MENSAJES}|enviarme|enviarnos|mandarme|mandarnos|escribirme|escribirnos|textearme|molestarme|molestar)\b",  # noqa: E501 -- one list
    r"\bno me (?:envie|envien|envies|mande|manden|mandes|escriba|escriban|escribas|textee|texteen|contacte|contacten)(?: mas)?(?: mensajes| textos| sms| nada)*(?: por favor)?$",  # noqa: E501 -- one list
    rf"\bno (?:quiero|deseo)(?: recibir)?(?: mas)?(?: sus| estos| los)? {MENSAJES}\b",
    rf"\b(?:no mas|ya no|sin mas) {MENSAJES}\b",
    r"\b(?:quiteme|quitenme|borreme|borrenme|elimineme|eliminenme|saqueme|saquenme)\b",
    r"\b(?:quite|quiten|borre|borren|elimine|eliminen|saque|saquen) mi (?:numero|telefono)\b",
    r"\b(?:darme|dar) de baja\b",
    r"^(?:detener|detenga|detengan|baja)(?: por favor)?$",
)
WRONG_NUMBER = (
    r"\bwrong (?:number|person)\b",
    r"\b(?:numero|persona) equivocad[oa]\b",
    r"\bse equivoco de numero\b",
    r"\bwho is this\b.*\bstop\b",
)
KEEP_THEM = (
    r"\b(?:dont|do not|never) (?:please )?(?:want (?:you )?to )?stop\b",
    r"\b(?:dont|do not|never) (?:want to )?(?:opt out|unsubscribe)\b",
    r"\bno deje",
    r"\bno pare",
)
"""What looks like a no and is the opposite."""

CRISIS_ENGLISH = (
    r"\bsuicid(?:e|al|ality)\b", r"\bsuiside\b", r"\bsucide\b", r"\bkms\b", r"\bunalive\b",
    r"\bkill(?:ing)? my ?self\b", r"\bkill (?:me|him|her|them|someone|somebody|people)\b",
    r"\b(?:want|wanna|wants|wanted|going|ready|wish|hope|need|like) (?:to |i could |i would )?(?:die|be dead|disappear forever)\b",  # noqa: E501 -- one list
    r"\bi wish i (?:was|were) (?:dead|never born)\b",
    r"\bend (?:my|this) life\b", r"\bend it all\b", r"\btake my (?:own )?life\b", r"\btaking my (?:own )?life\b",
    r"\b(?:hurt|hurting|harm|harming|cut|cutting|shoot|hang|hanging|starve|burn) my ?self\b",
    r"\bself ?harm(?:ing|ed)?\b",
    r"\boverdos(?:e|ed|ing)\b", r"\bod ?ed\b", r"\btook (?:all|too many) (?:of )?(?:my |the )?pills\b",
    r"\b(?:dont|do not|not) want to (?:live|be alive|be here any ?more|exist|wake up)\b",
    r"\b(?:no|any) reason to (?:live|go on)\b", r"\bbetter off (?:dead|without me)\b",
    r"\b(?:cant|cannot|can not) (?:go on(?:$| any| like| living)|(?:take|do) (?:it|this) any ?more\b)",
    r"\bnot safe (?:at home|here|right now|with my ?self)\b",
    r"\b(?:hurt|hurting|hitting|beating|attacking|raped|raping|abusing|threatening) me\b",
    r"\bhurt (?:him|her|them|someone|somebody|people|my (?:kid|kids|child|children|baby|wife|husband))\b",
    r"\bemergency\b", r"\bhelp me(?: please| now)*$", r"\b911\b", r"\b988\b", r"\bin crisis\b", r"\bpanic attack\b",
    r"\bgoodbye forever\b",
)  # fmt: skip
CRISIS_SPANISH = (
    r"\bsuicid(?:io|a|arme|arse|as)\b",
    r"\b(?:matarme|matarse|me mato|me voy a matar|me quiero matar|matarlo|matarla)\b",
    r"\b(?:quiero|quisiera|deseo|prefiero|ganas de) (?:morir|morirme|estar muert[oa]|desaparecer)\b",
    r"\bme quiero morir\b", r"\bme voy a morir\b", r"\bquitarme la vida\b", r"\bacabar con (?:mi vida|todo)\b",
    r"\b(?:hacerme dano|lastimarme|cortarme|herirme|ahorcarme|colgarme|autolesion\w*)\b",
    r"\bme (?:corto|hago dano|lastimo)\b",
    r"\bsobredosis\b", r"\bme tome (?:todas )?(?:las|muchas) pastillas\b",
    r"\bno quiero (?:vivir|seguir viviendo|despertar|estar viv[oa])\b", r"\bya no quiero vivir\b",
    r"\bno (?:puedo|aguanto) mas\b(?! tarde| temprano)", r"\bsin razon para vivir\b",
    r"\bme (?:pega|golpea|lastima|amenaza|quiere matar|viol[oa])\b",
    r"\bemergencia\b", r"\bayud(?:e|a|en)me(?: por favor| ya)*$", r"\bauxilio\b", r"\bsocorro\b", r"\ben crisis\b",
)  # fmt: skip
"""They only raise a task and an answer that names 988: one too many costs little, one too few may cost much."""

DECLINES = (
    r"^(?:no|nope|n)$",
    r"\b(?:cant|cannot|can not|wont|will not|not going to|unable to|not able to) (?:\w+ )?(?:make it|make|come|be there|attend|go)\b",  # noqa: E501 -- one list
    r"\b(?:im|am|are|were|is|he is|she is) not (?:coming|going|able)\b", r"\bnot coming\b",
    r"\bcancel\b", r"\bcance(?:le|len|lar)\b",
    r"\bno (?:puedo|podre|podemos|podremos|voy|vamos|ire|iremos|asistire) ?(?:a )?(?:ir|asistir|llegar|estar|venir)?\b",
)  # fmt: skip
"""They cannot or will not come."""

PRESSING = (
    r"\blate\b", r"\bon (?:my|our) way\b", r"\b(?:stuck|traffic)\b", r"\blink\b",
    r"\b(?:log|sign|get) (?:in|on)\b",
    r"\b(?:lobby|waiting room|outside|parking|locked)\b", r"\b(?:im|we are|i am) here\b",
    r"\bwhere (?:are|r) (?:you|u)\b",
    r"\b(?:video|zoom|camera|audio|sound) (?:\w+ ){0,3}(?:work|working|load|connect)\b", r"\bconnect\b",
    r"\b(?:tarde|retras\w+|trafico|enlace|camino)\b", r"\bno (?:puedo|logro) (?:entrar|conectar\w*)\b",
    r"\bestoy (?:aqui|afuera)\b",
)  # fmt: skip
"""It matters at once when a session is near."""

YES_SIGNS = frozenset("👍👌✅✔☑🆗💯🙆")
KIND_SIGNS = frozenset("🙏❤🧡💛💚💙💜🤍😊😀😃😄🙂☺😍🤗🎉🌞☀🥰😁🙌👏💪✌🤝🌸🌻😇😉💕")
MODIFIERS = frozenset("🏻🏼🏽🏾🏿")
"""The skin colours of a hand."""

LOOK_ALIKES = str.maketrans({"с": "c", "а": "a", "в": "b", "е": "e"})
"""Letters of a Russian keyboard whose capitals look like those we ask for."""

KIND_TAPS = frozenset({"liked", "loved", "emphasized", "le gusta", "le gusto", "le encanta", "le encanto"})
OTHER_TAPS = frozenset(
    {"disliked", "laughed at", "questioned", "no le gusta", "no le gusto", "reacted to", "reacted",
     "removed a like from", "removed a heart from", "removed a reaction from"}
)  # fmt: skip
"""What a phone sends when somebody taps on our text: "Liked", and then our own text, quoted."""
TAP_VERBS = (
    r"removed (?:an? )?(?:\w+ ){0,3}from", r"reacted (?:\w+ ){0,3}to", r"reacciono (?:\w+ ){0,3}a",
    r"(?:elimino|quito) (?:\w+ ){0,5}de", r"enfatizo", r"se rio de", r"cuestiono", r"pregunto (?:por|sobre)",
)  # fmt: skip
TAKES_BACK = ("removed", "elimino", "quito")

SIGNATURES = (
    r"sent from (?:my|the|outlook|yahoo|mail)\b.*",
    r"sent with .*",
    r"sent via .*",
    r"get outlook for .*",
    r"enviado (?:desde|de) (?:mi|el)\b.*",
)
