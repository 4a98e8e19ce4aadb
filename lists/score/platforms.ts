/**
 * Domains whose customers choose the label below them (site builders, static hosting, tunnels, dynamic DNS), beside the
 * private section of the public suffix list. A name under one never inherits its age, and its name alone never blocks it.
 * Written by hand.
 */
export const PLATFORM_DOMAINS: readonly string[] =
  // site builders and hosting
  (
    '000webhostapp.com appspot.com azurestaticapps.net azurewebsites.net blogspot.com bolt.host bubbleapps.io carrd.co cprapid.com ' +
    'edgeone.app firebaseapp.com firebaseio.com fleek.co framer.app framer.website gitbook.io github.io gitlab.io glitch.me ' +
    'godaddysites.com herokuapp.com jimdosite.com jimdofree.com jimdo.com lovable.app myshopify.com mystrikingly.com netlify.app ' +
    'netlify.com notion.site on-fleek.app ondigitalocean.app onrender.com pages.dev plesk.page r2.dev repl.co replit.app ' +
    'replit.dev shopifypreview.com softr.app square.site surge.sh sviluppo.host teleporthq.app tiiny.site tiiny.io typedream.app ' +
    'ubpages.com vercel.app web.app webflow.io webwave.dev weebly.com weeblysite.com wixsite.com wixstudio.com wixstudio.io ' +
    'wordpress.com workers.dev typeform.com teachable.com squarespace.com serv00.net m-pages.com neocities.org tumblr.com ' +
    'websiteseguro.com kleap.co instawp.app instawp.xyz instawp.co pantheonsite.io ewp.live wpenginepowered.com wpengine.com ' +
    'mybluehost.me freewebhostmost.com wcomhost.com cfolks.pl tempisite.com tempurl.host now.sh codeanyapp.com dweb.link ' +
    'amplifyapp.com kinsta.cloud kinsta.page flywheelsites.com flywheelstaging.com cloudwaysapps.com myraidbox.de sg-host.com ' +
    'hostingersite.com hostinger.site 16mb.com atwebpages.com mywebcommunity.org myartsonline.com onlinewebshop.net ' +
    'sportsontheweb.net medianewsonline.com getenjoyment.net scienceontheweb.net byethost.com epizy.com rf.gd infinityfreeapp.com ' +
    '42web.io great-site.net 5u.com 5gbfree.com wuaze.com kesug.com free.nf iceiy.com zya.me my3gb.com ucoz.com ucoz.net ' +
    'ucoz.ru narod.ru tilda.ws webnode.page webnode.com webnode.es webnode.fr webnode.it site123.me simdif.com simplesite.com ' +
    'yolasite.com doodlekit.com mozello.com webador.com webselfsite.net websitebuilder.com duda.co multiscreensite.com ' +
    'landingi.com leadpages.co lpages.co clickfunnels.com unbounce.com unbouncepages.com kartra.com systeme.io carrd.com ' +
    'zyrosite.com builderall.com ck.page convertkit.com mailchimpsites.com hubspotpagebuilder.com hs-sites.com zohosites.com ' +
    'zohosites.in zoho.site jotform.com cognitoforms.com formstack.com paperform.co tally.so fillout.com wufoo.com ' +
    'gitbook.com readme.io readthedocs.io substack.com ghost.io medium.com bitbucket.io codeberg.page sourceforge.io ' +
    'fly.dev railway.app up.railway.app deta.dev deno.dev stackblitz.io codesandbox.io csb.app streamlit.app hf.space ' +
    'huggingface.space gradio.live cyclic.app koyeb.app render.com supabase.co nhost.run appwrite.global convex.site ' +
    'bubble.io bbuble.io glide.page glideapp.io adalo.com appgyver.com webflow.com base44.app v0.dev lovable.dev emergent.host ' +
    'durable.co hocoos.com mobirisesite.com mobirise.com univer.se canva.site my.canva.site beacons.ai linktr.ee bio.link ' +
    'taplink.cc taplink.ws my.id us.kg pp.ua eu.org sa.com ru.com de.com uk.com us.com za.com jpn.com br.com cn.com gb.net ' +
    // tunnels
    'ngrok.io ngrok-free.app ngrok.app ngrok.dev trycloudflare.com loca.lt localhost.run serveo.net lhr.life pagekite.me ' +
    'tunnelmole.net devtunnels.ms portmap.io portmap.host packetriot.net bore.pub zrok.io telebit.io'
  ).split(' ');

/**
 * Dynamic-DNS domains: anyone gets a label below them at once and for nothing, which is what generators of names use. Those
 * of them in the public suffix list stand here too, because only here does a generated look escalate a customer's label.
 */
export const DYNAMIC_DNS_DOMAINS: readonly string[] = (
  'duckdns.org ddns.net hopto.org zapto.org sytes.net myftp.org myftp.biz myvnc.com redirectme.net servebeer.com serveblog.net ' +
  'servecounterstrike.com serveftp.com servegame.com servehalflife.com servehttp.com servemp3.com servepics.com servequake.com ' +
  'bounceme.net freedynamicdns.net freedynamicdns.org gotdns.ch 3utilities.com ddnsking.com onthewifi.com viewdns.net ' +
  'webhop.me no-ip.org no-ip.biz no-ip.info noip.me dyndns.org dyndns.biz dyndns.info dyndns.tv dynalias.com dynalias.org ' +
  'dynalias.net dynserv.com dynu.net dynu.com mooo.com chickenkiller.com ignorelist.com strangled.net us.to crabdance.com ' +
  'jumpingcrab.com twilightparadox.com undo.it uk.to yi.org my.to info.tm afraid.org dnsdynamic.com ddnsfree.com ' +
  'ddnsgeek.com accesscam.org camdvr.org freeddns.org giize.com gleeze.com kozow.com loseyourip.com mywire.org ooguy.com ' +
  'theworkpc.com webredirect.org dns-dynamic.net changeip.com changeip.net changeip.org dynamic-dns.net dnsabr.com ' +
  'dns04.com dns05.com dns1.us dns2.us ddns.info ddns.us ddns.ms dsmtp.com dumb1.com ezua.com fartit.com faqserv.com ' +
  'freetcp.com freewww.biz freewww.info ftp1.biz ftpserver.biz gr8domain.biz gr8name.biz https443.net https443.org ' +
  'ikwb.com instanthq.com iownyour.biz iownyour.org isasecret.com itemdb.com itsaol.com jetos.com jkub.com justdied.com ' +
  'lflink.com lflinkup.com longmusic.com mefound.com mrbasic.com mrbonus.com mrface.com mrslove.com my03.com mydad.info ' +
  'myddns.com mylftv.com mymom.info mynetav.net mynetav.org mynumber.org mypicture.info mypop3.net mypop3.org mysecondarydns.com ' +
  'myz.info ninth.biz ns01.biz ns01.info ns01.us ns02.biz ns02.info ns02.us ns1.name ns2.name ns3.name ocry.com onedumb.com ' +
  'onmypc.biz onmypc.net organiccrap.com otzo.com ourhobby.com port25.biz proxydns.com qhigh.com qpoe.com rebatesrule.net ' +
  'sellclassics.com sendsmtp.com serveuser.com serveusers.com sexidude.com sixth.biz squirly.info ssl443.org toh.info toythieves.com ' +
  'trickip.net trickip.org vizvaz.com wikaba.com www1.biz wwwhost.biz wwwhost.us x24hr.com xxuz.com xxxy.biz xxxy.info ygto.com ' +
  'youdontcare.com yourtrap.com zyns.com zzux.com 3322.org 8800.org 8866.org 9966.org 2288.org 6600.org 7766.org f3322.net ' +
  'f3322.org vicp.net vicp.cc oicp.net xicp.net eicp.net gicp.net yicp.net wicp.net iego.net nat123.net cable-modem.org homeip.net ' +
  'is-a-geek.com is-a-geek.net selfip.com selfip.net selfip.org dnsalias.com dnsalias.net dnsalias.org homedns.org ' +
  'homeftp.net homeftp.org homelinux.com homelinux.net homelinux.org homeunix.com homeunix.net homeunix.org gotdns.com ' +
  'gotdns.org webhop.org webhop.net webhop.info webhop.biz blogdns.com blogdns.net blogdns.org kicks-ass.net kicks-ass.org ' +
  'ath.cx cjb.net spdns.de spdns.eu spdns.org desec.io dedyn.io myfritz.net synology.me myqnapcloud.com myds.me dscloud.me ' +
  'diskstation.me linkpc.net publicvm.com dynuddns.net dynuddns.com'
).split(' ');
