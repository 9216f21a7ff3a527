"""What the check before a call says, in the languages of clients: browser, devices, network. Script reads it with the
words of the virtual room.
"""

from __future__ import annotations

CHECK_WORDS: dict[str, tuple[str, str]] = {
    "check_title": ("Test your device", "Probar su dispositivo"),
    "check_how": (
        "Try your camera, microphone and speaker here. Nobody sees or hears you, and nothing is kept.",
        "Pruebe aquí su cámara, micrófono y altavoz. Nadie le ve ni le oye, y no se guarda nada.",
    ),
    "check_ahead": (
        "How far your network lets video through is tested when the room is open.",
        "Si su red deja pasar el video se prueba cuando la sala esté abierta.",
    ),
    "check_link": ("Test your camera and sound", "Probar su cámara y su sonido"),
    "check_call": ("Something does not work? Call us at", "¿Algo no funciona? Llámenos al"),
    "too_old": (
        (
            "If nothing else appears here, this browser is too old for video. Please open the link in a new "
            "version of Chrome, Safari, Firefox or Edge, or go on by phone."
        ),
        (
            "Si aquí no aparece nada más, este navegador es demasiado antiguo para el video. Abra el enlace en "
            "una versión nueva de Chrome, Safari, Firefox o Edge, o continúe por teléfono."
        ),
    ),
    "link_label": ("The link to take along", "El enlace para llevar"),
    "copy_link": ("Copy the link", "Copiar el enlace"),
    "link_copied": ("The link is copied.", "El enlace está copiado."),
    "link_selected": ("The link is selected: copy it.", "El enlace está seleccionado: cópielo."),
    "try_again": ("Try again", "Intentar otra vez"),
    "this_app": ("this app", "esta aplicación"),
    # The speaker.
    "tone_heard": ("Did you hear it?", "¿Lo oyó?"),
    "tone_yes": ("Yes", "Sí"),
    "tone_no": ("No", "No"),
    "tone_silent": (
        (
            "Turn the volume up, look whether the device is switched to silent, and whether headphones are "
            "connected. Then play it again."
        ),
        (
            "Suba el volumen, mire si el dispositivo está en silencio y si hay audífonos conectados. Después "
            "tóquelo otra vez."
        ),
    ),
    # The network.
    "network": ("Connection", "Conexión"),
    "test_network": ("Test the connection", "Probar la conexión"),
    "network_testing": ("Testing, a few seconds…", "Probando, unos segundos…"),
    "network_good": ("Your connection is good.", "Su conexión es buena."),
    "network_sound": (
        "Your connection is slow: sound will do better than a picture. You can switch the camera off.",
        "Su conexión es lenta: el sonido irá mejor que la imagen. Puede apagar la cámara.",
    ),
    "network_blocked": (
        (
            "Your network did not let the test through. It may work all the same; if not, try another network, "
            "such as your phone’s, or call us."
        ),
        (
            "Su red no dejó pasar la prueba. Puede que funcione igual; si no, pruebe otra red, como la de su "
            "teléfono, o llámenos."
        ),
    ),
    "network_reached": (
        "Your network lets video through. How well, we could not measure.",
        "Su red deja pasar el video. No pudimos medir qué tan bien.",
    ),
    "network_server": (
        "You reach our server. Whether your network lets video through shows itself in the call.",
        "Llega a nuestro servidor. Si su red deja pasar el video se verá en la llamada.",
    ),
    "network_offline": (
        "We cannot reach our server. Please look at your connection, or try another network.",
        "No podemos llegar a nuestro servidor. Revise su conexión o pruebe otra red.",
    ),
    "network_busy": (
        "It was tested often just now. Please wait a while; you can go in without.",
        "Se ha probado muchas veces. Espere un rato; puede entrar sin la prueba.",
    ),
    # What is the matter.
    "trouble_insecure": (
        "This address is not secure, so the browser lets us use no camera or microphone.",
        "Esta dirección no es segura, así que el navegador no nos deja usar cámara ni micrófono.",
    ),
    "trouble_in_app_ios": (
        "You opened the link inside an app, and there video does not work.",
        "Abrió el enlace dentro de una aplicación, y ahí no funciona el video.",
    ),
    "trouble_in_app_android": (
        "You opened the link inside an app, and there video does not work.",
        "Abrió el enlace dentro de una aplicación, y ahí no funciona el video.",
    ),
    "trouble_in_app_desk": (
        "You opened the link inside a program that cannot do video.",
        "Abrió el enlace dentro de un programa que no puede hacer video.",
    ),
    "trouble_old": ("This browser cannot do video.", "Este navegador no puede hacer video."),
    "trouble_old_ios": ("This browser cannot do video.", "Este navegador no puede hacer video."),
    "trouble_missing_both": (
        "We found no camera and no microphone. You can go in without, and see and hear the others.",
        "No encontramos cámara ni micrófono. Puede entrar sin ellos, y ver y oír a los demás.",
    ),
    "trouble_missing_camera": (
        "We found no camera. You can go in with sound only.",
        "No encontramos ninguna cámara. Puede entrar solo con sonido.",
    ),
    "trouble_missing_microphone": (
        "We found no microphone: the others would not hear you.",
        "No encontramos ningún micrófono: los demás no le oirían.",
    ),
    "trouble_busy_both": (
        "Something else uses your camera and microphone.",
        "Otra cosa usa su cámara y su micrófono.",
    ),
    "trouble_busy_camera": (
        "Something else uses your camera. You can go in with sound only.",
        "Otra cosa usa su cámara. Puede entrar solo con sonido.",
    ),
    "trouble_busy_microphone": (
        "Something else uses your microphone: the others would not hear you.",
        "Otra cosa usa su micrófono: los demás no le oirían.",
    ),
    # What helps.
    "advice_insecure": (
        "Open the link from your message again: its address begins with https://.",
        "Abra otra vez el enlace de su mensaje: su dirección empieza con https://.",
    ),
    "advice_in_app_ios": (
        (
            "In {app} press ••• or the arrow, then “Open in Safari” or “Open in browser”. Or copy the link, and "
            "paste it into Safari."
        ),
        (
            "En {app} pulse ••• o la flecha, y después «Abrir en Safari» o «Abrir en el navegador». O copie el "
            "enlace y péguelo en Safari."
        ),
    ),
    "advice_in_app_android": (
        (
            "In {app} press ⋮ or •••, then “Open in Chrome” or “Open in browser”. Or copy the link, and paste it "
            "into Chrome."
        ),
        (
            "En {app} pulse ⋮ o •••, y después «Abrir en Chrome» o «Abrir en el navegador». O copie el enlace y "
            "péguelo en Chrome."
        ),
    ),
    "advice_in_app_desk": (
        "Copy the link, and paste it into Chrome, Safari, Firefox or Edge.",
        "Copie el enlace y péguelo en Chrome, Safari, Firefox o Edge.",
    ),
    "advice_old": (
        "Bring it up to date, or copy the link and paste it into Chrome, Safari, Firefox or Edge.",
        "Actualícelo, o copie el enlace y péguelo en Chrome, Safari, Firefox o Edge.",
    ),
    "advice_old_ios": (
        (
            "Copy the link, and paste it into Safari. If that does not help, bring iOS up to date: Settings, "
            "General, Software Update."
        ),
        (
            "Copie el enlace y péguelo en Safari. Si no ayuda, actualice iOS: Ajustes, General, Actualización de "
            "software."
        ),
    ),
    "advice_refused_unanswered": (
        "Press “Try again”, and then “Allow” when the browser asks.",
        "Pulse «Intentar otra vez» y luego «Permitir» cuando el navegador pregunte.",
    ),
    "advice_refused_system": (
        (
            "Your device itself keeps the browser from them. Open its settings, Privacy, Camera and Microphone, "
            "and switch your browser on. Then try again."
        ),
        (
            "El propio dispositivo no deja que el navegador los use. Abra sus ajustes, Privacidad, Cámara y "
            "Micrófono, y active su navegador. Después intente otra vez."
        ),
    ),
    "advice_refused_ios": (
        (
            "Press aA or the sign beside the address, then Website Settings, and allow camera and microphone. "
            "Then try again."
        ),
        (
            "Pulse aA o el signo junto a la dirección, luego Ajustes del sitio web, y permita cámara y micrófono. "
            "Después intente otra vez."
        ),
    ),
    "advice_refused_ios_other": (
        (
            "Open the Settings of your phone, look for this browser in the list of apps, and switch Camera and "
            "Microphone on. Then try again."
        ),
        (
            "Abra los Ajustes de su teléfono, busque este navegador en la lista de aplicaciones y active Cámara y "
            "Micrófono. Después intente otra vez."
        ),
    ),
    "advice_refused_android": (
        (
            "Press the sign at the left of the address, then Permissions, and allow camera and microphone. Then "
            "try again."
        ),
        (
            "Pulse el signo a la izquierda de la dirección, luego Permisos, y permita cámara y micrófono. Después "
            "intente otra vez."
        ),
    ),
    "advice_refused_android_firefox": (
        "Press the lock beside the address, and allow camera and microphone. Then try again.",
        "Pulse el candado junto a la dirección y permita cámara y micrófono. Después intente otra vez.",
    ),
    "advice_refused_chrome": (
        "Press the sign at the left of the address, and switch camera and microphone on. Then try again.",
        "Pulse el signo a la izquierda de la dirección y active cámara y micrófono. Después intente otra vez.",
    ),
    "advice_refused_firefox": (
        (
            "Press the crossed out camera or microphone at the left of the address, and take “Blocked” away. Then "
            "try again."
        ),
        (
            "Pulse la cámara o el micrófono tachado a la izquierda de la dirección y quite «Bloqueado». Después "
            "intente otra vez."
        ),
    ),
    "advice_refused_safari": (
        "In the menu Safari open “Settings for this website”, and allow camera and microphone. Then try again.",
        "En el menú Safari abra «Ajustes de este sitio web» y permita cámara y micrófono. Después intente otra vez.",
    ),
    "advice_refused_other": (
        "Open the settings of your browser for this website, and allow camera and microphone. Then try again.",
        "Abra los ajustes de su navegador para este sitio y permita cámara y micrófono. Después intente otra vez.",
    ),
    "advice_missing_microphone": (
        (
            "Connect one, or headphones that have one, and try again. You can also go in and write in the chat, "
            "or be called."
        ),
        (
            "Conecte uno, o audífonos que lo tengan, e intente otra vez. También puede entrar y escribir en el "
            "chat, o pedir que le llamemos."
        ),
    ),
    "advice_missing_both": ("Connect them, and try again.", "Conéctelos e intente otra vez."),
    "advice_busy_both": (
        "Close other programs and tabs that use them, and try again.",
        "Cierre los otros programas y pestañas que los usan, e intente otra vez.",
    ),
    "advice_busy_camera": (
        "Close other programs and tabs that use it, and try again.",
        "Cierre los otros programas y pestañas que la usan, e intente otra vez.",
    ),
    "advice_busy_microphone": (
        "Close other programs and tabs that use it, and try again. Or be called.",
        "Cierre los otros programas y pestañas que lo usan, e intente otra vez. O pida que le llamemos.",
    ),
}
"""By their names, in English and in Spanish: ``trouble_`` says what is the matter and ``advice_`` what helps, by the
code that ``surroundings.js`` gives.
"""
