"""The words that must not wait, in English and Spanish: harm to oneself, by or to others, danger, a cry for help.

Data for ``domain.inbox.replies``, written as ``domain.inbox.grammar`` says. In doubt it is urgent: one too many costs a
look at a phone, one too few may cost a life. Whoever speaks of somebody else is heard, too. What stands in the lists of
harmless phrases is taken out first.
"""

from __future__ import annotations

from telehealth.domain.inbox.grammar import Phrases, read_groups

ENGLISH_GROUPS = read_groups(
    """
    self: myself himself herself themselves themself yourself ourselves
    kin: kid kids child children son daughter baby newborn wife husband partner mom mum mother dad father brother
        sister boyfriend girlfriend family ex roommate boss parents neighbor stepdad stepmom bf gf hubby uncle
        teacher friend dog cat teen niece nephew grandson roomate coworker
    somebody: me us him her them someone somebody anyone people everyone others kids my_<kin> the_<kin> a_child
        our_<kin> his_<kin> her_<kin> this_baby
    who: he she they hes shes theyre <kin> someone somebody man guy guys dude stranger
    want: want wants wanted wanting wish wishing ready plan plans planning planned tempted thinking thoughts
        feel_like feels_like feeling_like felt_like hope hoping tried trying tries try rather prefer urge urges
        urged going decided deserve deserves should need needs let_me talking talks talked about might threatening
        threatened threatens dream dreams desire fantasize fantasizing attempted attempting cant_wait better_to
        easier_to will could considering
    die: die be_dead dead dying disappear vanish not_exist be_gone_forever stop_existing stop_living cease_to_exist
        not_live not_be_alive not_be_here_anymore not_wake_up never_wake_up sleep_forever end_it end_it_all
        end_things end_everything ending_it ending_everything ending_things ending_it_all be_no_more not_be_here
        fade_away drop_dead jump_off crash_my_car slit od unalive
    harm: hurt hurting hurts harm harming harmed harms kill kills killing killed cut cutting cuts shoot shooting
        shot stab stabbing stabbed hang hanging hung drown drowning drowned burn burning burned starve starving
        poison poisoning poisoned choke choking choked strangle strangled suffocate injure injuring injured punish
        punishing off offed offing ending destroy destroying mutilate mutilating hit hitting scratch scratching
        delete
    hit: hit hits hitting beat beats beating beaten punch punched punches punching slap slapped slaps slapping kick
        kicked kicks kicking attack attacked attacks attacking hurt hurts hurting harm harmed harming kill kills
        killing killed shove shoved shoves pushed pushes grabbed grabs threw throws smacked smacks smack choke
        chokes choked choking strangle strangles strangled stab stabs stabbed shot shoot shooting murder rape raped
        rapes molested molests molesting threaten threatens threatened threatening assaulted abuse abuses abused
        abusing torture tortures burned burns bit drugged shake shook shaking smother drown poison poisoned whip
        whipped bullying harassing terrorizing kidnapped robbed dragged pinned trapped locked spit_on stalks
        stalking jumped hunting cornered
    hurt_child: shake shook shaking drop throw smother drown hurt harm harming hurting suffocate kill killing hit
        hitting
    was: got was been being getting get gets were is are im he she
    not: shouldnt wouldnt dont doesnt didnt not never nolonger cant no isnt arent wasnt aint wont without hardly
        barely
    live: live living be_alive exist existing go_on going_on keep_going keep_living continue wake_up fight survive
        be_here be_around do_life do_this_anymore feel_anything feel_anymore be_on_this_earth be_in_this_world
        be_in_this_life see_tomorrow try_anymore be_me breathe be_anymore stay_alive to_live_for
    life: life living being_alive existing everything it_all existence being_here this_life this_world
    lots: all bunch many lot lots loads handful handfuls whole entire full bottle bottles dozen dozens enough box
        pack rest 10 12 15 20 24 25 30 40 50 60 80 90 100 ten twenty thirty forty fifty extra
    pills: pills pill meds medication medications medicine medicines tablets capsules tylenol advil ibuprofen
        aspirin xanax ambien klonopin benadryl oxycodone oxy percocet painkillers benzos adderall seroquel lithium
        zoloft prozac bottle lexapro trazodone antidepressants melatonin fentanyl opioids vicodin gabapentin
    took: took take taken taking swallow swallowed swallowing downed ate drank popped eaten drinking overdid popping
    now: now right_now asap urgently immediately bad badly tonight quick fast today please desperately
    anymore: anymore longer any_longer much_longer like_this any_of_this
    """
)

OWN_LIFE = """
    suicid*; suiside*; suisid*; sucid*; suside*; suicied*; suicd*; sewerslide*; sewer slide; sui cid*; sui side
    unaliv*; un alive; kms; kys; selfharm*; self harm*; self injur*; <harm> <self>
    do something bad|stupid|drastic|terrible|awful|crazy|dumb|rash|to_myself; something to <self>
    do myself|himself|herself in; finish myself|it_all; <want> to|of|about|2? just|all? to|of|about? <die>
    <want> me? to|2? be? <die>; <want> i|he|she|they? was|were|could|would|just? <die>; i <die>; im dying
    gonna|finna die; die today|tonight|alone|soon
    thoughts|thinking|think|talk|talking|talks|obsessed of|about|with .. death|dying|die|killing|ending
    thoughts|thinking|think|talk|talking|talks|obsessed of|about|with .. hurting|harming|jumping|cutting|pills
    wish .. dead|gone_forever|not_here|never_born|never_been_born|disappear|die
    wish .. vanish|not_exist|not_wake_up|never_wake_up|been_born|end_it|never_existed
    wish i wasnt|werent|didnt|hadnt .. here|alive|born|exist|existed|wake|around
    wish i could|would .. sleep forever|wake|go_away|end|stop_existing; hope|pray i .. die|wake_up
    if i .. died|die|disappeared|killed|vanished|ended_it
    if|when|once|after im|i_am|i_was|i_were .. gone|dead|here|around|alive|not_here
    if i wasnt|werent|isnt .. here|around|alive|born; better off dead|gone|without_me|if_i|if_im; better without me
    rather be dead; rather die; easier if i|im; miss me; care if i; notice if i|im|me
    no_one|nobody|noone would|will|even|really|d? .. miss|care|cares|notice; nobody cares
    end|ends|ending|ended|take|taking|took|takes|finish my|his|her|their|your|this own? life|lives
    end it all|now|tonight|soon|for_good; end|ending it; put an end to
    end|ending my|the|this|all pain|suffering|misery|the_pain|this_pain|the_suffering
    want|need the? it|everything|pain|life|hurting|suffering .. stop|end; want|need it|this|everything .. over
    want it all over; the pain to stop|end|go_away; make it all? stop; make the pain|voices stop
    stop the pain|voices; want out; way out; escape this life; so i can die; <not> want|wanna to? .. <live>
    <not> want to? be; <not> want this|my life; <not> wish to <live>; <not> feel like <live>
    <not> deserve to <live>; <not> wake up; <not> waking up; <not> want .. <anymore>
    <not> .. reason|point|purpose|will|desire|energy|strength to|in|of|for? .. <live>|life|anything|anymore
    <not> .. to live for; nothing .. live for; lost .. will to live; what .. live for
    why .. live|living|alive|keep_going|go_on|bother_living|bother_anymore
    point of|in living|life|going_on|it_all|anything|me|being_here|existing; whats the point
    life .. <not> .. worth|point|meaning|purpose; <not> meaning|purpose; <not> worth <live>|it_anymore
    life .. meaningless|pointless|unbearable
    tired|sick|done|through|exhausted|over of|with? <life>|fighting|trying|hurting|pretending|suffering|feeling
    death; homicid*; cutting; dying; dead; tired|sick|done|exhausted of|with .. life|living|being_alive|existing
    done with everything|it_all|trying|fighting; hate .. living|being_alive|my_life|life; my life .. over|ruined
    give|giving|given|gave up on .. <life>|myself; i give up; giving up; given up; nothing matters
    <not> matter anymore; nothing left; <not> matter if i; <not> want to try; cant .. go on
    cant do|take|handle|bear|stand|face|cope|live|endure|deal|fight .. <anymore>|life|another_day; cant live
    cant keep|continue going|living|doing|fighting|on|this|like|pretending; cant do this|it
    cant take this|it|the_pain; cant anymore; cant even anymore; cant cope; cant survive; cant hold on
    <not> think i can .. <anymore>|go_on|make_it_through|do_this|hold_on|survive; <not> going to make it through
    <not> make it through the night|tonight; <not> trust <self>; cant be alone; <not> be left alone; end of my rope
    breaking point; rock bottom; had enough of <life>; on the edge; over the edge; at my limit
    cant see .. future|light|way_out|way_forward; <not> hope; lost all? my? hope; hopeless*; worthless; helpless
    desperate; <not> see .. future; <not> future; <not> way out; im .. burden; burden to|on; failure
    waste of space|life|air; goodbye|bye forever|everyone|world|cruel; final|last goodbye|words
    this is my|the? final|last message|text|goodbye|words|note; shouldnt be alive|born; this is goodbye|the_end
    saying|say|said goodbye; goodbye letter|note|letters; see you on the other side; in the next life
    in another life; tell .. love them|her|him; wont hear from me; wont|not be alive|around|here .. <anymore>|long
    wont be alive; hate myself; note for my|the|after; wrote .. goodbye|will|letters; meet my maker
    be with god|jesus|heaven; jump; jumping; jumped; bridge .. jump
    jump|jumping|jumped from|out|infront|in|into .. bridge|roof|building|window|balcony
    jump|jumping|jumped from|out|infront|in|into .. train|traffic|car|cliff|front|river
    crash|wreck my car|truck|the_car; crash .. on purpose
    drive|driving|drove|crash|crashing|run|veer|swerve .. into|off .. tree|bridge|cliff|wall|road|river|traffic|pole
    in front of a|the train|bus|truck|car|traffic; on the|a ledge|tracks; standing on .. bridge|roof|edge
    walk into traffic|the_ocean; slit*
    cut|cutting|cuts|slash|slashed my|her|his .. wrist*|arm*|throat|vein*|leg*|thigh*|skin; cut deep|too; wrists
    noose; razor*; cutting again; been|started|keep|started|back_to|cant_stop|urge_to cutting|cut; i cut; im cutting
    hang|hung myself; rope; overdos*; od; oded; ods; oding; od d|ed|ing|ded; o d; too many <pills>|sleeping
    too much .. <pills>; <took> .. <lots> .. <pills>|sleeping; bottle of <pills>
    <lots> of? my|the|his|her|them|these? <pills>; pills .. take them all|kill|end; take .. them|it all
    take .. all of them; stash .. <pills>; saving .. pills
    drank|drink|drinking|swallowed bleach|poison|antifreeze|drano|detergent; poison*; narcan; carbon monoxide
    relaps*; using again; thinking of|about using; want|going to use; drinking again
    """
VIOLENCE = """
    <hit> <somebody>; <who> .. <hit> me|us|him|her; <hurt_child> .. baby|child|kid|kids|newborn|infant|son|daughter
    want|going|might|gonna|afraid|ill|will|could|scared .. <hit> <somebody>
    <who> .. hit|beat|beats|hits|hitting me|us|again|him|her; <who> hit|hits|beats; <was> .. hit|beaten|beat by
    <was> jumped|robbed|mugged|raped|attacked|assaulted|beaten|abused|shot|stabbed
    <was> threatened|kidnapped|molested|choked|drugged|strangled|beat|followed|stalked|harassed; beat up; beats on
    beating on; got physical; gets physical; rape*; raping; rapist; molest|molested|molester|molesting|molests
    strangl*; suffocat*; kidnap*; traffick*; assault*; stabb*; murder*; choked; abus*; violen*; stalk*; threaten*
    threats; death threat*; knife; knives; gun; guns; gunshot*; pistol; rifle; firearm; weapon*; machete; bomb
    shoot up; shooting; shot at; shots fired; hands on me|my|her|us; around my neck|throat
    touched|touching|touches me|my|her; groped; forced|forces|forcing me|himself|her|him; sexual*; black eye
    bruise*; <who> broke my|her|his|their arm|nose|jaw|rib*|door|phone|wrist|finger; threw .. at me|us|her
    pulled|grabbed|yanked my hair|arm|neck; wont let me|us; locked me|us in; held me; holding me; trapped; hostage
    against my will; keeping me from leaving; cant leave the house|him|her|safely
    drunk and|again .. screaming|yelling|angry|breaking; screaming|yelling|screams at me|us; scaring me|us
    scares me; im going to snap; going to lose it on; hurt you; kill you; make .. pay
    """
DANGER = """
    following|followed|follows|chasing|chased me|us|her|him; watching|after me|us
    coming|come|came for|after me|us|him|her; broke|breaking|break into|in .. house|home|apartment|room|place
    broke in; breaking in; home invasion; trying to get|break in
    someone|somebody|stranger|man|intruder .. house|home|apartment|yard|door|window|inside
    outside my|the house|door|window|apartment|home; hiding from|in; found me; restraining order; violated the order
    <not> .. safe; unsafe; safe anymore; in .. danger; danger; dangerous
    scared of|for him|her|them|my|myself|what|going|to; scared|afraid he|she|they
    afraid of|for him|her|them|my|myself|what|going; afraid|scared i will|might|could|am|may|ill|im; fear for
    fearing for; terrified; im|so|really|very scared; voices; hearing things; hallucinat*; psychotic; psychosis
    psycho; paranoid; manic; lost|losing my? touch with reality; losing control|it|my_mind; cant control <self>
    emergency; emergencies; 911; 988; police; cops; ambulance; crisis; panic attack*; anxiety attack; panicking
    breakdown; falling apart; spiral*; melting down; meltdown; cant breathe; <not> .. breathing; unconscious
    unresponsive; passed out; wont wake up; seizure; heart attack; chest pain*; stroke; bleeding; bleed out
    blood everywhere; lots|lot|so_much of? blood; in the er; emergency room; missing since; ran away; run away
    went missing; starving <self>; turning blue; collapsed; im <not> .. ok|okay|alright; <not> ok|okay .. all
    dark place|thoughts|time; bad thoughts; intrusive thoughts; have a plan to; scary thoughts
    <not> doing ok|okay|well|good at all; in a bad place
    """
HELP = """
    help me; please .. help; help please; help help; help <now>; need .. help; needs .. help
    someone|somebody|anyone|anybody .. help; please someone|somebody|anyone; help us|him|her|my; god help
    cry for help; begging; sos; mayday; someone|somebody to talk to
    need|have to talk|speak to|with? .. <now>|someone|somebody|anyone
    need .. therapist|you|doctor|someone|somebody|counselor <now>; call me .. emergency; save me; rescue me
    get me out of here; please hurry
    """

ENGLISH = Phrases(OWN_LIFE + VIOLENCE + DANGER + HELP, ENGLISH_GROUPS)

HARMLESS_ENGLISH = Phrases(
    """
    emergency contact*|number*|phone|info*|form*|person|exit|brake|fund|plan|kit|services|slot*|appointment*|name
    family|work|dental|vet|pet|childcare|plumbing emergency; non|no|not|isnt|minor an|a|in? emergency|crisis
    emergency at work; crisis averted|line; heat|back stroke; stroke of; dying to|for|of|laughing|over
    death in|of|certificate|anniversary; deaths; dead|death of|in my|his|her|our
    cat|dog|fish|plant|plants is|are|s? dying|dead; to die for; die of|from|laughing; drop dead gorgeous
    worried to death; dead|dying phone|battery|laptop|tired|line|zone|on|end|link|serious|in_the_water; link is dead
    deadline*
    phone|battery|laptop|computer|ipad it? is|was|just|keeps|almost|about? about|going? to? dying|dead|died|die
    tablet|car|wifi|internet|cell it? is|was|just|keeps|almost|about? about|going? to? dying|dead|died|die
    killing|kill it|time|two_birds; killed it
    back|head|feet|foot|knee|knees|shoulder|allergies|heat|traffic is|are|s? killing|hurting me?
    work|tooth|stomach|neck|this|it|schedule|commute|weather|pollen is|are|s? killing|hurting me?
    back|head|feet|foot|knee|knees|shoulder|tooth|stomach|neck hurts|hurt me?; you kill|kills|killed me
    that kills me; kills|hurts me to; hit me up|back|with; hits me up
    hit|hits|hitting traffic|snooze|the|send|reply|my_deductible|it_off; beat me to|there; beat traffic|the
    shoot|shot|drop|dropped me|you|us|him|her an|a|your|the|some; shoot for; photo|video|flu|covid shoot|shot*
    got|get|getting|need my|his|her|their|the|a shot*; drop|dropping|dropped|drops <somebody>|kids|me off|at|with
    drop|dropping|dropped my|the|our|his|her <kin> off|at|with; pushed me back|to|out
    push|pushed me|us|him|her back; threw me off; grabbed me a|some; burned the|dinner|my_hand|my_tongue|out|down
    spam*; cut|cutting|cuts it|out|off|close|back|down|short|hair|my_hair|the_grass|class|in
    cut|cutting my finger|hair|nails|hours|hand|losses|session; i cut my finger|hair|hand|toe|nails
    hang|hanging|hung up|on|out|tight|in_there|around; razor sharp; paper cut*; jump rope
    jump|jumping|jumped on|in_the_shower|in_on|onto|off_zoom|off_the_call|off_a_call
    end|ends|ending|ended at|by|early|up|on|soon|late|the_session|this_session
    end|ends|ending|ended our_session|my_session|the_call|it_early|it_at
    end|ends|ending|ended it_there|it_by|the_meeting|our_call|the_appointment; weekend; end of; will it end
    when does .. end; need it this|by|before|to_be|over_the_phone|over_to
    want it by|before|over_video|over_the_phone; help me|us|him|her|my out? with|find|reschedule|change|move|log|get
    help me|us|him|her|my out? understand|figure|confirm|book|set|schedule|cancel|pay
    help me|us|him|her|my out? fill|register|open|connect|join|sign|make
    help me|us|him|her|my out? switch|choose|update|send|by|upload|print|download
    help|helps|helped me|us|him|her|my .. lot|so|already|much|to|find|get
    help|helps|helped me|us|him|her|my .. log|understand|reschedule|book|pay|fill|change
    help please? with|finding|logging|getting|signing|paying|filling|scheduling|rescheduling
    help please? setting|connecting|joining|accessing|using|opening|on|finding|understanding|from_billing
    <not> need .. help; talk|speak to|with? someone|somebody|you|anyone about|at|in|from|regarding|who|concerning
    someone to talk to about; need to talk about; need you to; need .. therapist|you|doctor to; you .. help you
    help desk|line|page; dont help; drive|travel|be|stay|get|arrived|home|keep|got safe
    safe travels|trip|drive|flight|journey; better safe; safe to drive|travel|come; playing it safe
    <not> safe .. drive|driving|roads|road|travel|weather|ice
    roads|road|streets|ice|weather|it .. safe|unsafe|dangerous to|out|today|driving|roads
    unsafe|dangerous to_drive|roads|conditions|driving|out; danger of missing|losing|being|late
    scared of needles|flying|the_dentist|surgery|heights|driving|dogs|spiders
    afraid|scared i|ill|we|im cant|wont|have|missed|not miss|be|make|need|have|late|forget|to|not|missed
    afraid|scared i|ill|we|im forgot|may|might|will|am|cannot miss|be|make|need|have|late|forget|to|not|missed
    afraid|scared i cant|have|missed|forgot|wont; im|i_am afraid not|so|that; substance|alcohol|drug abuse
    following up|you|your|along|instructions; followed up; watching me on; following me on; after me in
    come|came|coming for|after me|us? at|my|the|our|work|school; breaking in my|the; break in the
    pick <somebody> up; cant do|make|take|handle|stand|face|wait .. this_week|time|day|days|date|slot|one
    cant do|make|take|handle|stand|face|wait .. month|mornings|morning|afternoon|afternoons|evenings|fridays|mondays
    cant see|find|get|hear|open|use|park|drive .. this_week|time|day|days|date|slot|one
    cant see|find|get|hear .. month|mornings|morning|afternoon|afternoons|evenings|fridays|mondays
    cant open|use|park|drive .. month|mornings|morning|afternoon|afternoons|evenings|fridays|mondays
    cant do|make|take|handle|stand|face|wait .. tuesdays|wednesdays|thursdays|weekends|friday|monday|calls
    cant do|make|take|handle|stand|face|wait .. link|earlier|later|early|late|call|zoom|video
    cant see|find|get|hear|open|use|park|drive .. tuesdays|wednesdays|thursdays|weekends|friday|monday|calls
    cant see|find|get|hear|open|use|park|drive .. link|earlier|later|early|late|call|zoom|video
    cant do|make|take|deal it|this|that|with? tuesday|wednesday|thursday|friday
    cant do|make|take|deal it|this|that|with? monday|saturday|sunday|tomorrow|today
    cant do|make|take|deal it|this|that|with? at|before|after|until|on|appointment|time|week|zoom; cant take off
    cant make this|it; cant do|take it|this online|over|by|from|here; cant hold on the
    cant handle|stand|take the traffic|cold|heat|parking
    cant go on monday|tuesday|wednesday|thursday|friday|saturday|sunday|that
    cant go on the|my|vacation|zoom|video|camera|this|a; cant live without my|coffee|it
    cant keep|continue my|the|this appointment|time|slot
    cant do this|it on|at|tomorrow|today|week|time|appointment|by|without|till|until; cant be alone in the_waiting
    be|get|are|is here|around late|early|when|before|at|by|until|till|next|this|in
    be|get|are|is here|around on|for|soon|all|tomorrow|today|monday|tuesday|wednesday|thursday|friday; around me
    <not> want to be late|rude|early|a_bother|charged|on
    <not> want to|the|this|my .. session|appointment|wait|time|video|email|emails|texts|messages|reminders
    <not> want to|the|this|my .. group|late|reschedule|cancel|miss|lose|switch|change|come|drive
    <not> want .. reschedule|cancel|miss|lose|late|session|appointment
    <not> want .. video|email|emails|texts|text|messages|reminders
    giving|give|given up my|the|our|this|that|a|smoking
    giving|give|given up coffee|sugar|dairy|driving|trying_to_park|alcohol|spot|caffeine
    life insurance|coach|skills|story|changes|saver; save*|love|changed my|your life
    life is|s good|great|hectic|crazy|busy; done|through|tired|sick|over with|of everything on|i|today
    over for me to|today; way out of|there|west|east|north|south|the_door|here; on my|the|our way out
    nothing left to pay|do|sign; pain management|meds|clinic; bath bomb; bomb cyclone; glue|nerf|massage gun
    knife skills; <not> point in? coming|going|driving|calling|meeting|rescheduling|confirming
    point of contact|sale; under|over|cross|crossing|from|by|near|past|on the bridge
    police station|report|check|blocked|stopped|closed|checkpoint; on the edge of town
    911|988 main|st|street|ave|avenue|road|rd|oak|elm|park|first|w|e|n|s|north|south|east|west
    suite|room|unit|apartment|number|ext|extension|at|appointment 911|988; voices on|in_the_video|in_the_background
    your|both|our voices; <not> ok|okay with|if|to; losing it lol; ran|run away with; passed out candy|flyers
    stuck|trapped in|at|on traffic|a_meeting|meeting|work|an_elevator|airport|snow|the_airport
    wont let me|us log|in|sign|connect|join|open|click|change|confirm|book|reschedule
    wont let me|us cancel|enter|pay|load|access|reply|select|upload|on|register|get_in
    broke|break into song|groups|rooms; car|truck|bus breakdown; breakdown of; held|holding me up; hold on
    using again the|my; thinking about using the|my|zoom|insurance|telehealth
    want|going to use the|my|zoom|video|telehealth|insurance|a|your; forces me; shooting|shoot for
    forced me to leave_work|work|stay_late; rope me; miss me lol; miss me at; miss my|the; failure to|notice|fee
    card failure; heart failure; take them all off; take it all off
    <who> is|hes|shes outside|at the_door|in_the_lobby|waiting|in_the_car; at|in my house today|tomorrow|at|next
    work|stay|be at|from home; someone|somebody .. home with|for|to|at|from|health; say|said goodbye to summer
    begging your; tell .. i love
    """,
    ENGLISH_GROUPS,
)

SPANISH_GROUPS = read_groups(
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
    suicid*; matarme; matarse; matarte; matarnos; me mato; me mate; se mato
    me|se|la|lo quiero|quiere|queria|voy_a|va_a matar; quiero matar; matar; mata; matando; muerte; muerto; muerta
    morir; morirme; morirse; matar a|al; matarlo*; matarla*; <quiero> <morir>; <quiero> .. <morir>
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
    me|nos|le|lo|la|les|te|se <pega>
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
    me obligo; escondid*; voces; alucin*; hay alguien en; emergencia; emergencias; auxilio; socorro; 911; 988
    policia; ambulancia; crisis; ataque* de panico|ansiedad|nervios; sangr*; desmay*; convulsion*; <no> .. respira*
    dolor de|en pecho|el_pecho; infarto; inconsciente; hospital psiqui*; matar; quiere matar; <no> reacciona
    ayudame; ayudenme; ayudeme; ayudanos; ayudennos; ayudarme; necesit* .. ayuda
    ayuda por_favor|urgente|ya|porfavor|ayuda|me; por favor ayuda*; alguien .. ayud*; urge ayuda|hablar
    necesito|urge hablar .. alguien|ya|ahora|urgente; me siento .. muy_mal|desesperad*|morir|vaci*; muy mal .. ayuda
    estoy .. desesperad*; pensamientos .. suicid*|malos|oscuros|feos|muerte|morir; malos|feos pensamientos
    tocando fondo; toque fondo; <no> estoy bien .. ayuda
    """

SPANISH = Phrases(VIDA + PELIGRO, SPANISH_GROUPS)

HARMLESS_SPANISH = Phrases(
    """
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
    SPANISH_GROUPS,
)
