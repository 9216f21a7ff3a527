"""The words that must not wait, in English: harm to oneself, by others or to others, danger, a cry for help.

Data for ``domain.inbox.replies``, written as ``domain.inbox.grammar`` says. In doubt it is urgent: one too many costs a
look at a phone, one too few may cost a life. Whoever speaks of somebody else is heard, too. What stands among the
harmless phrases is taken out first. Spanish stands beside it.
"""

from __future__ import annotations

from telehealth.domain.inbox.grammar import Phrases, read_groups

GROUPS = read_groups(
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
    cant be here; strong enough to <live>; not wanting to <live>; <not> .. reason .. stay
    if something|anything happens to me; will to live; sleep forever
    pills and|with vodka|alcohol|wine|beer|whiskey|liquor; have nothing left; has nothing left; nothing left for me
    <not> strong enough; <not> wanting to .. <live>; stay alive; staying alive; keep myself alive
    better off in the ground; six feet under
    want|need my|this|the life|existence|pain|misery|suffering to|would? be? end|over|stop
    want|need|going|urge|urges|about to cut; done|sorry|over .. goodbye; i cut again
    make it through the|this|another|til|till? night|tonight|day|tomorrow; <not> .. make it to tomorrow|morning
    <not> want .. life; better off not; happier|better|easier|fine without me; it .. all be better without me
    im|i_am sorry for everything|leaving_you|what_im
    tell .. family|kids|mom|dad|son|daughter|wife|husband|everyone im|i|i_love sorry|love|them?
    goodbye .. take care of; take care of my dog|cat|kids|son|daughter|children; too late for me|us
    wont|never see me again|anymore|ever; attempted; attempts; attempting; another attempt; an attempt; brains out
    bullet; blade; blades; blow my brains|head; hurts to be alive|live|exist
    living|existing|life is too? hard|hell|torture|pain|unbearable|impossible; swallow*; killmyself; khs
    throw|throwing|drown|drink|starve|jump|jumping|fling myself|himself|herself; <took> way? too much|many
    urge|urges to cut|harm|die|drink|use; why was i .. born|alive; never born
    mix|mixing|mixed .. pills|alcohol|meds; staring at .. pills|gun|knife|rope|bottle; pills in front
    pills .. alcohol|tonight; <took> some|the|his|her|all|those? pills; odd again|yesterday|tonight|on; i odd
    just want it to stop|end|be_over; want to rest forever; not want to wake; go to heaven; be with my .. in heaven
    join my .. in heaven; leave this world|earth|life; end of me; last day alive|on_earth; last night alive; unlive
    self delete; delete myself; cut myself; sleep and not|never; never open my eyes; nobody needs me
    no one needs me; no place for me; dont belong here|in_this_world; drowning in; bridge tonight; cliff; suffering
    cant stop thinking about death|dying|killing|it_all; wanting to end; close my eyes forever; suicid*; suiside*
    suisid*; sucid*; suside*; suicied*; suicd*; sewerslide*; sewer slide; sui cid*; sui side; unaliv*; un alive; kms
    kys; selfharm*; self harm*; self injur*; <harm> <self>
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
    kicked .. door in; kicked in .. door; someone|somebody .. tried|trying .. break in; punched; punches
    smacked|smacks me|him|her|us|my; fists; hits .. kids|children; raised his hand; grabbed me; choke; choking
    gets|getting|got violent; laid|lays|lay hands on; put .. hands on me|her|him|my; threw me|her|him
    pushed me|her|him down|against|into|off|out; slammed me|my|her; held .. down; pinned me|her; spit on me; beaten
    beating; battered; tortur*; incest; inappropriate* touch*; touched .. inappropriate*; sex with me
    took my clothes off; blackmail*; wont stop hitting|touching|yelling|calling|following
    <who> .. hurting me|her|him|us|kids; kill|killing <somebody>; <who> .. kill; pull|pulled|pulling a knife|gun
    pointed .. at me|us; <hit> <somebody>; <who> .. <hit> me|us|him|her
    <hurt_child> .. baby|child|kid|kids|newborn|infant|son|daughter
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
    things that arent there; people watching; theyre watching; spying on me; cameras in my; out to get me
    being watched; being poisoned; seeing things; lock me up; losing my mind; danger to myself; cant stop shaking
    freaking out; cant feel my; numb .. arm|face; overheated; not responding; she fainted; he fainted; fainted
    someone|somebody|man|guy|he|they .. following; in my .. right now; he is here now; hes here
    he|she came back and; he|she is here and; at my door and; not safe; afraid to go|be|stay|sleep
    scared to go|be|stay|sleep; scared he|she|they|of; my life is in; protect me; need protection; shelter
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
    send help|someone|somebody|police|ambulance; get someone|somebody|help; i need somebody|someone; help me
    please .. help; help please; help help; help <now>; need .. help; needs .. help
    someone|somebody|anyone|anybody .. help; please someone|somebody|anyone; help us|him|her|my; god help
    cry for help; begging; sos; mayday; someone|somebody to talk to
    need|have to talk|speak to|with? .. <now>|someone|somebody|anyone
    need .. therapist|you|doctor|someone|somebody|counselor <now>; call me .. emergency; save me; rescue me
    get me out of here; please hurry
    """

CRISIS = Phrases(OWN_LIFE + VIOLENCE + DANGER + HELP, GROUPS)

HARMLESS = Phrases(
    """
    hit a home|deer|pothole|curb|tree|parked|nail|wall_at; murder a coffee|burger|pizza|nap
    emergency dental|room_bill|vet|plumber|repair; emergency at|in|with school|work|daycare|the_office|home_depot
    gun range|shop|club; shooting range; police dept|department|academy; bleeding edge; through my tire
    nothing left to|in
    i need someone|somebody to cover|watch|drive|reschedule|help_me_find|look_at|email|send|resend; im|i_am|so beat
    killing me to; grandma|grandpa|grandmother|grandfather|aunt|uncle is|was dying|dead
    cut .. session|short|hours|hair|grass|coffee|sugar|appointment|call|lawn|back|down; food|lead|blood poisoning
    kick|kicks|kicked|kicking|throw|throws|threw|drop|drops|dropped|boot|booted me|us|him|her out|off
    start|begin|began|started|go|went|continue|meet|eat without me; dropped me from; threw me a|some; hits different
    taking care of my; need someone to take care; take care of my .. while|tomorrow|today|at; find care
    swallow my pride; hard to swallow; <took> my pills|pill|meds|medication|this|in|with|on_time
    take .. pills at|in|before|with|after|as; attempted to call|reach|log|join|connect|pay|confirm|open|reschedule
    attempts to call|reach|log|join|connect; attempt|attempts|attempting to; another|an attempt to; blade of
    bullet point*; bullet journal*; the gas to; pain in my; no place for me to_park; dont belong to
    drowning in work|paperwork|emails|homework; cliff street|road|ave|dr|notes; animal|pet|homeless shelter
    shelter in place; gets freaking good; freaking out about|over the|my|work|finals; im freaking late
    losing my mind with|over the|at|this; loses my mind; punched in|out|a; hole punched; punch card; knock out|it
    knife|gun show|sharpener; swallowing issues|test|study; not responding to|on my|the|email|emails|calls|texts
    site|page|link|app|portal|video|system|screen|computer is? not responding
    suffering from|with a|the? cold|flu|headache|allergies|migraine; beating the; beaten up car; rude and
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
    GROUPS,
)
