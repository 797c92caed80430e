/**
 * Characters that look alike, from the data of UTS #39 (Unicode Security Mechanisms) 17.0.0, © 2025
 * Unicode, Inc., under the Unicode License v3. Written by
 * tests/protocol/text/generate_confusable_table.ts. Numbers are code points in base 36.
 */

/** Changes whenever a name may fold to another key than before. */
export const FOLDING_VERSION = "17.0.0-1";

/** Folds, each with the characters that become it: every one as the step from the one before. */
export const CONFUSABLE_FOLDS =
  "13.13:y,ig,1g,8,l8,2,4in,nd,1,2,350 33.1b.1c:11,18l,548 13:2o,gp,2,1,1,1,a,2,1,15,13,fz," +
  "3,3g,q,e9,1,2fp,hu,1u4,1,2,n,3,qqf,13gl,1 30:3g,90,lr,6p,l,a,20,1m,40,61,2jk,ev,28y,d6,1" +
  "ua,nma,h,ihk,3j,n,ee,4vo,7,fyh,30,i,jk2,4gt 2r.mv:4i,be 3d.mt:4l,bu,gy 3c:5z,kw,3i,3cs,1" +
  "o,6o,1,21,2ws,qg,1,77,hq,4w,nm6,19k,2,h8b,10,2r,b,ed,3wl 2p.2t:6e,rz 2s.mt:6o,x 33.mv:6w" +
  ",8qx,ovx 34:72,5d,ea,1j,20,371,2yv,1tb,18,npe,iis 2w.mt:87,ms 2z:8o,hu,3k,3ob,186,32i,nr" +
  "6,1cv,hnm 30.mv:8y 32.mh:97,2b,r8 33.2t:9f 38.mt:9z 2q.mt:ao,kj,16 2q.lg:ar 2q:at,7o,7t," +
  "3k,q,33k,3a,8t,20,4gc,nrh,1cf,h5v,v,2o,l9x,r 2s.lg:b0 2v:b1,5w,m8,4qq,qqb 2u:b6,s2,374,1" +
  "rd,f4,2ej,np1,jg,po,h2j,6f,u,hs,3vh,10lt 2z.13:bd 30.mt:be i4.mv:bf 34.lw:bp 38.m9:bv 38" +
  ".lw:bx 13.3d:c4 3e.mt:c6 1e.mt:cb 37:cd,ig,8a,1i8,tz7,gf,vt,h64,c2,41l,h2x 30.30:ch,tr,5" +
  "5y,en x:cj,8lq 2v.mt:dh 1f:f1,1r,1i,bp,4q,w8,ao,16y,2dx,33x,8,o7y,me7,h2p,jij 1k:f7,1jb," +
  "3k,49,1d07,19dd 3e.m9:f9 2t.mv:g7 2y.mt:g9 36.mt:gd,g6 2p:gh,9s,3j,3h1,2ph,pkk,iia,lgg 1" +
  "3.2q:gj 2s.ma:gm 13.2s:gn d9:gp,hs,5re,27r,nnb d9.ke:gq 2t:gr,9m,3k,v,2x,2c,5gb,3m,cm,b," +
  "1vu,4w,nnb,ir,pr,2x,h63,bn,42t,h27,jjo 2v.lw:gw 3d:gz,18,84,40,30,2ew,qm,1rb,ab,2p6,nr7," +
  "19q,h94,4dm,h0r,1o 2w.lw:h2,wfj 2x.mt:h4,5cj,1 2x:h5,1,9b,4d,8c,5wx,1sw,o1g,10u,lla 30.m" +
  "s:h7 30.ma:h9 30.1f:ha 3b:hb,d5,p,58,1w,39q,1f6,330,nql,1ax,l8n,4,1,d3,9,10kz 36.32.m9:h" +
  "d 32.m9:he 32.ma:hf 33.mt:hh,8z,57,3a,5v1,7,5r,1t1,4g,o4a,ub,19,1m5b,7ay 33.5qf:hi 36.mh" +
  ":ho 36.ma:hp 37.ma:hu 33:hv,8s,4,o,i,29,93,2k,2u,u,2h,3,k,w,5n,bq,3k,3k,3k,1m,1y,3k,s,2s" +
  ",s,2s,s,u,1y,s,5q,3k,99,z,5b,cx,100,10v,2,zk,q,21s,k,4q,b,j7,n3g,18q,g,h8l,p,ap,5a,18,33" +
  "u,s8,f,9,zk 39.mt:i1,5bp,s2m 39:i3,8q,c8,2gz,gc,1qo,zy,49,ppt,iz,q7,4,hpg,3xe,h2i 31:i5," +
  "8f,3k,3hw,6e,187,32k,nra,1bc,h7t,2p 3e.ma:i8 1r:ic,1d5,v3i 2w:ik,7v,3q,3i,51,364,4k3,nrs" +
  ",1b8,h8k 35.lw:io 2s.3e:ir 2s.1f:is 2s.i9:it 38.37:iu 38.33:iv 38.gl:iw 2u.32.mh:ix 30.3" +
  "7:iy 30.3e:iz 1o:jm,3g6,hm,1vr,1f9,2caw 1q:jn,3g0,2dj,1f9,1sr4,jjs 2m:jo,2 1m:k0,14,i9,1" +
  "m,8w,1,e7,ao,2g9,7r,6,1n5,d8,ptz,i4,ndc jj:k3,hy 19:k7,sd,4zg,2,1,1c,cv,138,10l kq:l7,we" +
  "z lg:lh,no,b6,3qv,ds,ra7 lc:li,6,2q,kq,2,kr,e,v1l,n3e lk:ln,n4,bs,6w,5 lc.lj:ls,rc,ex,3k" +
  ",74,3k,73,3l,3k,1g3i le:lt,ne,b7,44i,ra8 lv:lx,lg,1i,is m9:me,1,i ma:mg,t,4mq m8:mp,17l " +
  "mt:mu mv:mw lf:n6,lt mr:nb nk:nr,141,7 lj:ns,gx,1,7,1,2,88,2c,1,4s,71,o,74,3k,97 lm:o6,g" +
  "9,4j,3x,wz,jv,3k,a1,1hs,d,4d3,j4,18py jz:ol gk:or,51x,vo,pxz,iuo 3e:qe,50s,qt6,1br,h9e,4" +
  "b3,x i4:qj,3k,fh,40,2m1,1rq,4,31o,4g,nn2,dl,7h,hwy,gb,3,l0i 3a:ql,54,9v,3z,40,2m0,1rl,zs" +
  ",49,22f,nn2,e1,y2,ho4,3jd,ca,h1k,jk5 38:qs,3i,4wp,13d,111,y6,nql,1b2,h7p,q,2s,lbp,qxq hk" +
  ":qu,3i,8v,2il,xc,4aj,1i,168i bs:rt,4zf,r35 2y:s3,2t,379,si4 1i:tt,80y,1ama 36:tv,3f8,1i7" +
  ",31b,nry,19g,1,1l,12no,jj5 on:u0,4wm,r6b,ii4,14n2 qo:u7,4x5,yv,236,o56,13gr,r 2r:u9,2bn," +
  "2e,2i2,335,nqt,1cl,h6b,2o,8r,67,3wt,9,17x6 rp:uf,19f,1t jt.2q:ui 2q.30:uj 30.33:um 39.mh" +
  ":v3 qw:vl,3mv,4bb,169y,g4 3b.w6.w7:vx on.m9.lc:wb 36.13:wh ty.mh:wn 1f.m9:wp 2z.mh:wr 2z" +
  ".mt:wv,5ji 2w.mh:wz 2r.m9:x7 38.mh:x9 3c.mh:xf 2t.ma:xr i4.m9:xy 2w.m9:y0,2 xj:y4 31.m9:" +
  "y6 2s:zl,31q,a7,c,s88,1 gy:zx,2y6,txx 35:10b,20,3,7vz qc:12m,2vp,ac,1t4,o7,q5,1ey,3n,61," +
  "15xo,u,lfb,qug fr:12t 32:12w,4,2jo,1,dp,2qj,49,ppa,l,izi,14j6 hc:12y,2i1,74 ld:13w,1,3f," +
  "1i,6x,el 13u:144 13t:148 13q:14d 13s:14e mb:14k,h,47,i9,27,3k,3k,3k,3k,3hd,1avx,1hs,l5 3" +
  "0.13:169 33.1b.1c.1c:16x,55z 33.1b.1c.1c.1c:16y,55z 18:171,2m,52n,q8v lz:17e,1i 33.lk:17" +
  "t,4a,5nm 18p.1cr:17v,k,1r,1r,k,3l 183.1cr:184 173:189 18p.le:18d 18p:18q,10,24,i,6,dn mh" +
  ":192,4g6 lu:193 lw:199 191:19b 1a:19c,40,h,1,v7a,7q,jsy,13bx 170:19o,7uu 16:19p,541,cp,1" +
  "8g8 lp:19s 30.190:19u 30.191:19v 190:19w 18p.179:1a1,1u 17u:1a2 17x.190:1a9,6p 17x.1cr:1" +
  "ad 17z.179:1ag 1ai.179:1aj 17z.1cr:1am,1 181.179:1ap 181.lc:1aq 181.1cr:1aw 185.1cr:1b2 " +
  "187.1cr:1b3 19r:1b5,ey,1 19r.1cr:1b8,4 18h:1bb 18j:1bd,1 18j.1cr:1bh,52 1bj.1cr:1bo 18k." +
  "lc:1bp 18k.1cr:1br 18o.lc:1c6 18o.lv:1c7 18o.lp:1c8 18o.le:1c9 18o.1cr:1cb 18p.lc:1ce,3s" +
  " 1a3:1cg 17z.le:1da 181.le:1db 19e:1de,w65 19f:1df,2n6e 19g:1dg 19i:1di 19l:1dl,ha,1hml " +
  "17l.nc:1dp 18l.nc:1dq 33.le:1dr 1fg:1fm 17s.1cr:1g1 1bg:1gi 1g4:1gn,8y 18m.179:1go 18m.l" +
  "c:1gp 181.190:1gs 1av.179:1gx 183.le:1ha 2n:1kq 18p.lm:1ov 17s.190:1pd 1b6.1cr:1pg 18l.1" +
  "cr:1pj 18p.190:1pk 17z.mc.mb:1pq 185.mc.mb:1pr 1bj:1ps 18o:1pt,1df7 182.le:1pu 17s.1cy:1" +
  "py 18p.1cr.1cy:1pz 181.lc.lj:1q1 18p.lc.lj:1q2 18p.1cr.lc:1q6 17u.lc:1q7 18p.179.lc:1q8 " +
  "1ae.lc:1q9 18j.lc:1qa 18s:1r9,3,9 mc:1ri,3xs 18t:1rm no:1rt np:1ru nm:1s0 1s5.1ty:1s4 1s" +
  "5.1tq:1s6 1tc.1u5.1s7:1s8 1sf.lc:1sd 1sf.1ty:1se 1sf.1tz:1sg 1s5.1tq.lc:1sh 1s5.1tq.1ty:" +
  "1si 1s5.1tq.1tz:1sj 1s5.1tq.1u0:1sk 1tq.1tm:1tn 1tq.lc:1u1 1us.1us:1ut 1s5.lc:1v6 1s5.1t" +
  "m:1v7 1s5.1tq.1tm:1v8 1s5.1u7:1v9 1vp.1xa:1vq 1tr:1xb,3k,1gmq 1vv.1xf:1y8,1 1l:1yl,3e,75" +
  ",ed,672,1am9,a 1ww:1yo,1gor 1vn:1z7,e8,3k,3k,3k,j9,1fgp 1z9.20u:1za 1t6.1u5.1sv.1tr:1zb " +
  "1t6.1u5.1sv.20w:1zc 22b.1ue:1zd 22b.1uf:1ze 1t6.1u5.1sv.1tz:1zj 1z9.1u0:1zk 1z9.218:1zo " +
  "1th:1zp 1t0.1u5.1t0:1zw 1sv:1zz 1sw:200 1s9:204 1t6:207 1sy:20b 1t9:20e 1tl:20l 1ta:20o " +
  "1ue:20x,1hy9 1uf:20y,1hy9 1tz:213,1hy5 1u0:214 1ty:217 1u5:219,3k 1t6.1u5.1sv:22a 22t.24" +
  "e:22u 22t.24l:231 22t.24n:233 22t.24o:234 22t.24e.24l:235 22t.24e.24n:237 22t.24e.24o:23" +
  "8 1uw:240,1k 1tp:24d 1tt:24h 1tu:24i 1uy:25m 1v2:25q 1v4:25s,5h8,1a8f,7g 26d.27y:26e 2a1" +
  ".2b7:2a2 2a8:2ak,ao 2a0:2b4,e 2ba:2bc,am 2ax:2bs 2b7:2c7 2ad:2cn 2a1:2co,81 2ai:2cq 2a0." +
  "2bl:2cr 2ai.2bl:2cs 2a6:2ct 29x:2cu 2b3:2cw 2ai.2bm:2cy 2b2.2bk:2d0 2cz:2d1 2a6.2b9:2d3 " +
  "2bb:2d4 2aw.2bk:2d6 2du.2fp:2dv,3k 2du.2fg:2dw,3k 2hi.mb:2dy 2eo.14s:2e8 2e9.mb:2ea 2ef." +
  "14s:2ed 2ek.mb:2el 2et.2f5:2em 2et.mb:2ev 2et.2f2:2ex 2f5.2f2:2f6 2f7.2f2:2f8 2dn.2f2:2g" +
  "0 2do.2f2:2g1 2dh:2h1 2di:2h2 2dj:2h3 2ds:2hc 2du:2he 2dz:2hj 2e4:2ho 2e5:2hp 2e6:2hq 2e" +
  "7:2hr 2eb:2hv 2ee:2hy 2eg:2i0 2en:2i7 2eo:2i8 2ep:2i9 2eq:2ia 2er:2ib 2f3:2in 2f5:2ip 2f" +
  "7:2ir 2fw:2jg 2h8.2im:2jl 2g7:2jr 2g8:2js 2gf:2jz 2kn.2mv:2ko 2a1.2mv:2kq 2lk.2m9:2ks,d," +
  "2o 2bq.2ku:2kw 2ky.2m6:2kz 2ky.2mv:2l0 2b9:2l2 2ar:2lf 2b2:2lh 2ls:2lt,k1,5y 2b8:2lw 2an" +
  ".2bj:2m2 2bj:2m7,1 2m9:2ma,1 2bq:2me 2br:2mf 2bq.2bq:2mg 1v5:2mm 2lk.2ml.2lq:2my 33.2ls." +
  "33:2n3 2la:2n5 2ls.2ml:2ne,i 2li.2ml.2ls:2nf 2lk.2ml.2lk:2ng 2lx.2ml.2ls:2ni 2lk.2ml:2nj" +
  ",c 2m1.2ml.2lq:2nq 2ar.2ml:2nu 2lu.2ml:2nx 2lv.2ml:2ny 2pv.2qg:2od 2oh.2q2:2oi 2oh.2qh:2" +
  "oj 2oh:2ph 2or:2pi 2ok:2pl 2ow:2ps 2pj:2pw 2qw.2q7:2qx 2oy:2qy 2pb:2qz 2qw.2qb:2r3 2rm:2" +
  "rn 2ru:2rv 2ry:2rz 2ro:2s4,1 2s1:2s7 2rq:2sh 2sg:2sm 2tc.2tc:2td 2sy:2th 2rs:2vc 2si:2vh" +
  " 2sa:2vu 2sb:2vv 2sd:2vx 2se:2vy 2sf:2vz 2t4:2wo 2t5:2wp 2tk:2x4,1s3 2tl:2x5 2tm:2x6 2tn" +
  ":2x7 31k.324.326:2yo 31c.31w.32a.327:2yq 31c.31w.32a.2z8:2yr 2z1.2z1:2z2 2ze.2ze:2zf 2zh" +
  ".2zh:2zi 2ze.2zh:2zj md:307,6ie 31e:31m 322.322:323 324.324:325 2zh.2ze:34e 2ls.370:35s " +
  "33.370:368,5j 36d.370:36n 2ls.370.37d.2ls.370:36r 36m.37g:36x 36m.37g.287.370.37e:36y 28" +
  "7:375 37u.37u:37v 36j.37i:38h 37l:38l 36d.37i:38m 36d.370.37i:38v 35v.37i:38w 399.37i:39" +
  "a 2ls.37i:39d 39f.lm:3a6 3cw.3cw:3cx,4o 3cz.3cz:3d0,139l 3d3.3d3:3d4,13a6 3d5.3d5:3d6,4x" +
  " 3d8.3d8:3d9,13ak 3cy.3cw:3df,4y 3cy.3cy:3dg,6j 3cy.3cz:3dh,4x 3cy.3d3:3di 3cz.3cw:3dj,4" +
  "z 3d1.3cy:3dk,51 3d1.3d1:3dl,53 3d1.3de:3dm,x,3f,135o 3d1.3d7:3dn,139e 3d2.3d3:3do,5c 3d" +
  "2.3d7:3dp,5h 3d3.3cw:3dq 3d3.3cy:3dr 3d3.3cz:3ds,139f 3d3.3d5:3dt,48 3d3.3d5.3cw:3du 3d3" +
  ".3d5.3cz:3dv,139g 3d3.3d5.3d3:3dw 3d3.3d5.3d5:3dx 3d3.3d5.3d8:3dy 3d3.3d8:3dz,139d 3d3.3" +
  "da:3e0,139d 3d3.3dc:3e1 3d3.3dd:3e2,56 3d3.3d7:3e3,57 3d3.3d3.3d7:3e4 3d5.3cw:3e5,56 3d5" +
  ".3cy:3e6 3d5.3cz:3e7,55 3d5.3d1:3e8,55 3d5.3d2:3e9,1395 3d5.3d3:3ea,54 3d5.3d3.3cw:3eb 3" +
  "d5.3d5.3d5:3ec 3d5.3d7:3ed 3d5.3d8:3ee,1395 3d5.3da:3ef,1395 3d5.3db:3eg 3d5.3dc:3eh,139" +
  "4 3d5.3dd:3ei 3ek.3ek:3el 3em.3em:3en 3d7.3cw:3ep,4r 3d7.3cz:3eq 3d7.3d2:3er 3d7.3d3:3es" +
  " 3d7.3d5:3et,4s 3d7.3eo:3eu,4s 3d7.3d7:3ev,4n 3d7.3d8:3ew 3d7.3da:3ex 3d7.3dc:3ey 3d7.3d" +
  "d:3ez 3d8.3d7:3f1 3f2.3f2:3f3 3f4.3f4:3f5 3da.3db:3f6 3da.3de:3f7 3dd.3d3:3fa,4d 3dd.3d7" +
  ":3fb,4d 3de.3de:3fc 3cw.3cz:3fe 3cy.3d5:3ff,30 3cy.3d8:3fg,28 3cy.3de:3fh,28 3cz.3d1:3fi" +
  ",31 3fl.3g5:3fm 3fn.3g5:3fo 3fp.3g5:3fq 3fr.3g5:3fs 3ft.3fl:3fu 3ft.3fl.3g5:3fv 3ft.3g5:" +
  "3fw 3fy.3fp:3fz 3fy.3fp.3g5:3g0 3fy.3g5:3g1 3g3.3g5:3g4 3fl.3ft:3g6 3fl.3fy:3g7 3fn.3ft:" +
  "3g8 3fn.3fx:3g9 3fp.3ft:3ga 3fp.3fy:3gb 3fp.3g3:3gc 3fr.3ft:3gd 3fr.3fy:3ge 3ft.3fp:3gf " +
  "3ft.3fp.3g5:3gg 3ft.3fr.3g5:3gh 3ft.3ft:3gi 3ft.3fy:3gj 3fx.3fn:3gk,2 3fx.3fn.3g5:3gl 3f" +
  "x.3ft:3gn 3fx.3g5:3go 3fy.3fl:3gp 3fy.3fl.3g5:3gq 3fy.3fp.3g3:3gr 3fy.3fr.3g5:3gs 3fy.3f" +
  "y:3gt 3g2.3fl:3gu 3g2.3fp:3gv 3g2.3fp.3g5:3gw 3g2.3fr:3gx 3g2.3fr.3g5:3gy 3g2.3fy:3gz 3g" +
  "2.3g5:3h0 3g3.3fy:3h1 3g3.3g3:3h2 3g3.3g5.3fy:3h3 3g5.3fl:3h4 3g5.3fn:3h5 3g5.3ft:3h6 3g" +
  "5.3fy:3h7 3g5.3g3:3h8 3g5.3ha:3h9 3ha.3fp:3hb 3ha.3fy:3hc 3ha.3g5:3hd 3ha.3ha:3he 3fl.3g" +
  "3:3hf 3fn.3fy:3hg 3fr.3fn:3hh 3ft.3fn:3hi 3ft.3fn.3g5:3hj 3cw:3hk 3cw.3d5:3hm 3cy:3hn 3c" +
  "z:3hq 3d1:3hr 3d1.3cw:3hs,tys 3d1.3d2:3ht,tyv 3d1.3d3:3hu,tyv 3d1.3d5:3hv,tyx 3d1.3dc:3h" +
  "w 3d1.3dd:3hx 3d2:3hz 3d3:3i0 3d5:3i2 3d7:3i4 3d8:3i5 3da:3i6 3db:3i7 3dc:3i8 3dd:3i9 3d" +
  "e:3ia 3cw.3d1:3ib 3cw.3d5.3cw:3ic 3cy.3eo:3ig 3cy.3dc:3ih 3d1.3cw.3d5:3ik 3d1.3cz:3im,ty" +
  "0 3d1.3cz.3de:3in 3d1.3d2.3cw:3ip 3d1.3d2.3d5:3iq 3d1.3d3.3d5:3ir 3d1.3d3.3de:3is 3d1.3d" +
  "3.3d7:3it,txy 3d1.3d5.3d5:3iu 3d1.3eo:3iv 3d1.3db:3iw,txy 3d1.3fd:3ix 3d2.3cw:3iy,txx 3d" +
  "2.3d1:3iz 3d2.3d5:3j1,txw 3d2.3d5.3d5:3j2 3d2.3eo:3j3 3d2.3da:3j4 3d2.3de:3j5 3d3.3d1:3j" +
  "7 3d3.3de:3j9,txr 3eo:3jf 3d7.3cw.3cw:3jh 3d7.3db:3jj 3f0:3jk 3de.3cy:3jp 3de.3d1:3jq 3d" +
  "e.3d2:3jr 3de.3d3:3js 3fd:3jt 3cw.3cy:3ju 3cw.3d3:3jv 3cw.3da:3jw 3cw.3db:3jx 3cw.3de:3j" +
  "y 12s:3k6 12p:3o4 12j:3ou 1p:3y8,56o,gw,mzj 53.3y9:3yk 3y9.53:3yl 53.qc:3ym qc.53:3yn 53" +
  ".3yc:3yo 3yc.53:3yp 53.3yd:3yq 3yd.53:3yr 53.3ye:3ys 3ye.53:3yt 53.3yi:3yv 3yi.53:3yw 53" +
  ".3yj:3yx 3yj.53:3yy 53:3zb,jo,1tj,5,du,4s,298,ju,nf8,ho2 3y9.3z4:3zf qc.3z4:3zg 3yd.3z4:" +
  "3zh 3yi.3z4:3zi 53.1q:3zr,9,2vr 53.3a:3zu 3a.53:3zv 53.i4:3zw i4.53:3zx 53.3zm:3zy 3zm.5" +
  "3:3zz 1q.53:401 53.3zo:402 3zo.53:403 53.1o:404 1o.53:405,2vl,1y7 53.3zt:406 3zt.53:407 " +
  "53.40g:40k,9 53.39:40n 39.53:40o 53.32:40p 32.53:40q 53.40f:40r 40f.53:40s 40g.53:40u 53" +
  ".40h:40v 40h.53:40w 53.40l:40x 40l.53:40y 53.40m:40z 40m.53:410 39.13:413 32.13:414 40g." +
  "13:415 40l.13:416 2q.lj:41f 53.417:41g 417.53:41h 53.34:41i 34.53:41j 53.41a:41k 41a.53:" +
  "41l 53.2s:41m 2s.53:41n 53.41c:41o 41c.53:41p 53.2q:41q 2q.53:41r 53.2q.lj:41s 2q.lj.53:" +
  "41t 417.13:41x 34.13:41y 2s.13:41z 2q.13:420 53.421:42a 421.53:42b 53.423:42c 423.53:42d" +
  " 53.424:42e 424.53:42f 53.2y:42g 2y.53:42h 53.426:42i 426.53:42j 53.428:42k 428.53:42l 5" +
  "3.429:42m 429.53:42n 53.42r:430 42r.53:431 53.3d:432 3d.53:433 53.42u:434 42u.53:435 53." +
  "42v:436 42v.53:437 53.42w:438 42w.53:439 53.30:43a 30.53:43b 53.42z:43c 42z.53:43d 1e:43" +
  "j,svk 53.43k:43t 43k.53:43u 53.43r:43v 43r.53:43w 53.43s:43x 43s.53:43y 3z5:441 53.443:4" +
  "4c 443.53:44d 53.445:44e 445.53:44f 53.446:44g 446.53:44h 53.447:44i 447.53:44j 53.448:4" +
  "4k 448.53:44l 53.44a:44m 44a.53:44n 53.44b:44o 44b.53:44p 53.44t:452 44t.53:453 53.44v:4" +
  "54 44v.53:455 53.44w:456 44w.53:457 53.44x:458 44x.53:459 53.44y:45a 44y.53:45b 53.450:4" +
  "5c 450.53:45d 53.451:45e 451.53:45f 45n.1o:45o 45n.40l:45p 45n.2q:45q 45n.428:45r 53.45s" +
  ":45z 45s.53:460 53.45t:461 45t.53:462 53.45u:463 45u.53:464 53.45v:465 45v.53:466 53.45w" +
  ":467 45w.53:468 53.45x:469 45x.53:46a 53.45y:46b 45y.53:46c 53.1g:46n 1g.53:46o 53.46g:4" +
  "6p 46g.53:46q 53.46h:46r 46h.53:46s 53.46i:46t 46i.53:46u 53.46j:46v 46j.53:46w 53.46l:4" +
  "6x 46l.53:46y 53.46m:46z 46m.53:470 3zd:474 53.47g:47i 47g.53:47j 53.47u:47v 47u.53:47w " +
  "53.487:488 487.53:489 47k.418:48u 47k.34:48v 47k.41a:48w 47k.2s:48x 47k.41c:48y 47k.2q:4" +
  "8z 47k.2q.lj:490 47k.41v:491 49h.422:49a 49h.423:49b 49h.424:49c 49h.2y:49d 49h.426:49e " +
  "49h.428:49f 49h.429:49g gg:4as,2f0,pv3,1nhk 428:4ci 421:4cj 443:4ck 44a:4cn 477:4de 47a:" +
  "4df 47e:4dg i2:4dq,6,25v qx:4dr,6,2m8,1to,o0s,a2,hz3 47k.417:4fj 49h.421:4fk 49i.423:4fl" +
  " 49i.424:4fm 49i.2y:4fn 49i.426:4fo 49i.428:4fp 49i.429:4fq 49z.53:4fr 4a0.53:4fs 4a1.53" +
  ":4ft 4a2.53:4fu 4a3.53:4fv 4a4.53:4fw 4a5.53:4fx 4hp:4hu,2il 4ho:4ip 17:4j1,3ag,179i,193" +
  "i 4k5:4l0 1b:4l1,1sc,3,cx,nw,gq,fh,jz,oc,4b,79,5m4,24mz 4ne:4nj 4o2:4o3 2t0:4on 2t1:4oo " +
  "2t2:4op 2t3:4oq 2sv:4pg 2u2:4ph 2tr:4pl 2u3:4pm 4s5:4t1 4t8:4uu 53.4vl:4vn 53.4vo:4vq 53" +
  ".4vs:4vt 53.4w0:4w2 53.43m:4w6 43m.53:4w7 53.43n:4w8 43n.53:4w9 53.43o:4wa 43o.53:4wb 53" +
  ".43p:4wc 43p.53:4wd 53.477:4we 53.47a:4wf 53.47b:4wg 53.47c:4wh 53.47d:4wi 53.47f:4wj 4w" +
  "v.3z2:4ws 3z2.4wv:4wt 477.53:4ww 47y.53:4wz 486.53:4x0 48b.53:4x1 492.53:4x4 49j.53:4x6 " +
  "3b.53:4x9 4c4.53:4xc 4d7.53:4xe 4wr:4xh,s8s 526:53k 52p:53l 56t:58g,g 59k.59k:59l 59m.59" +
  "k:59n 1cr:59w,17r 5ae:5ax 5b9:5bb lg.lg:5bc m2:5bd 5cd:5ea 5ch:5eb 5d4:5eg 5e8:5ek 5em.5" +
  "em:5en 5kr.5kr:5ks 5mm.5mm:5mn mj:5p1 mm:5p4 ml:5p5 lq:5p6 ly:5pp d9.33:5qs un:5qx 5qw:5" +
  "rd,s5l 39.2t:5t7 2u.ms:5ta 36.32.ms:5tb 32.ms:5tc 36.ms:5te hq.ms:5tf 37.ms:5tg 38.ms:5t" +
  "h 3e.ms:5ti 34.mt:5tp i2.mt:5tr gb:5u8 5ay:5wo 3g3:6c4,1,yz,1,2d7,5w,5kg,hrr 3i:6dv,dl 2" +
  "r.6i3:6g1 4j:6g4 36.32.mv:6g5 3b.mt:6g9 2s.mt.m8:6gb 38.6i3:6ge 30.38:6gm 181.18p.30.18k" +
  ":6gx ul:6iw hr:6jt 4ad:6ku,pzk 4i7:6mp 4iw:6mt 6nm:6np 4ii:6ny,1nn 4i8:6nz 17.lj:6qc 2k:" +
  "6qe,14n,fc,4,1jv,5lu,24m1,18 4w:6qg,qb,r,1my 33.33:6qm,q63,52 19.lj:6rc,22j 1p.lj:6s0 1p" +
  ".mb.lj:6s1 1p.lm:6s7 1p.le:6s9 1p.lc:6sa 1p.ob:6se 6sh:6sj,21g 1o.1o:6sq 1q.1q:6sr,1it 4" +
  "0l:6te,2as 40g:6tf,2as ig:6u1,og,s7,nt 6qv:6v4 4ik:6v8,lf,3,48,17hu,1ccg 4im:6vc,1g5 1o." +
  "1o.1o:6vs 1q.1q.1q:6vt 6e5:6we,221 53.53.53:6wf,21l 6px:6ww 6xw:6xx qc.mq:6zd 4ik.mq:6ze" +
  " 4w.mq:6zg,1aic 6u3:6zj 38.lk:6zl 6pz.lk:6zm 6va.lk:6zn 4w.lk:6zo 3i.lk:6zs 3zp:6zt 6pz." +
  "ms:6zv 2p.mq:706 2t.mq:707 2x.mq:708 qx.mq:709 3g5:718,3,3,3,5,4,2sj,5lj 6z9:729 6z2:72a" +
  " 6yz:72b 6zx:72e 1d.1c:73c 73v:73w 2k.2k:762,1pr 7b6:7b7 7bg:7bj 7bw:7c3 ci:7e2 6q6:7ew," +
  "o 7f0:7f4 jt:7f8 7fa:7fb 7fc:7fh 739:7g1 6ur:7g7 7g6:7g8,2 6uq:7gh 6ym:7gu,s0 6xe:7hc 7f" +
  "l:7io qm:7jk 70o:7js 73y:7jy,2j16 6rz:7ke,2jv4 2jx4.2jxh:7l5 2jx4.2jxh.2jxq:7l6 14:7s8,a" +
  ",1pe,14iy 15:7s9,a,1pe,14iy 3f:7sk,2c2o 3h:7sl 6v:7tj 6ud:7uq,opf,1nif 2k.40l:7uw 40g.1b" +
  ":7ux 7sc:7vs,1ls,1z,b0,2pl9 7sd:7vt,1ls 4i8.4ii:86b 6o3.6o2:86d 4i8.6o2:86m 6o3.4ii:86n " +
  "6e6:87t,q1,6z,2ab6 6yx:88g 6yp:890,1a0 6yq:891 6yj:893 87u:89l 1m.6mq:8ac 1b.lg:8ae 6tx:" +
  "8ap,16sn,1cao 6tz:8aq 6tp:8ar 6tq:8as 6tv:8at 6tw:8au 17.lm:8bm 17.le:8bn 17.lf:8bo 17.m" +
  "b:8bp 17.mo:8bq 17.1e:8br 19.lv:8bt 19.mb:8bu 3c.lj:8c0 6xl:8cd 8bj:8ce 6q8:8cf 3i.lj:8d" +
  "m,qc 1p.6i8:8dq 1q.1o:8f9 4b9:8fe 4b6:8ff 40g.40l:8gn 1b.1b.1b:8hn 1b.1b:8hp 1p.59u:8ly " +
  "6n2:8oc 6n3:8od 6n4:8oe 6n5:8of 8rw:8st hg:8t7 ib:8t9 sc:8u9 in:8up,p25,hhx rb:8v8 7jb:8" +
  "vd 4j3:8yr 5wf:92g 5wu:92k o8:92l 5az:92m of:92n o3:92u o4:92v 19.lk:93u 3i.mb:93z 14.14" +
  ":948 15.15:949 6r9:94a 6r8:94b 6rb:94c 17j:94e 17f:94l 52:94v 97v:982,fxc 98e:98f,1,gjd " +
  "98s:98t,j55 3dc.3g3.3cy.3d8:98x,k9y 98v:992,kef kz:9he 6go:9hu 7vq:9i2 7vr:9i3 ll:9ik 96" +
  "t:9lw,5xz 9ko:9nc 96q:9ue,5mt 96r:9un,5mj 96z:aim 97b:b96 app:beb ako:dcr bp7:dgg 3d8.3f" +
  "t:ff9 3d5.3d5.3g3:fff 97q:ffw 9uo:fh5 99u:fi8 9ui:fid 9mz:fik 3d5.3g3.3cw:fka fp1:fsy ft" +
  "w:fuk 9pi:g1r,1kmr 972:g1s 9n3:g2z 96x:g76 9m3:gbf 34m:ggd 34l:ggg 9mw:ggs 3d2.3fl:ggv 9" +
  "nx:gkj,l0 3d5.3g3.3d2:glk gur:gv3 hgh:hgr h7j:hkb hij:hkv 9mn:hlh hwv:hz4 974:i76 973:i7" +
  "7 9m0:ijp 976:ik3 ild:ilu bp6:imo 977:inu 978:itt 97a:ix0 jee:jeg 97c:jf0 bi9:jrd 97d:jz" +
  "p 99n:k21 97f:k4h cov:k83 k7u:k89 bmi:kc6 dhf:kdi kfi:kjj bs3:kx5 kv1:kyv 99p:l7z 97i:l8" +
  "a 97k:lch 97l:ldh 97m:ldm lu0:lzt 97n:m7g 97o:mjv 3cy.3fy.3g5:mkf 97s:mnh npw:nrj 97x:ny" +
  "3 99r:o9o 97z:oop or9:os6 981:p5f 989:paa 98a:pds kcs:peu kcw:pfu kcv:pg0 bp1:ph2 kcz:ph" +
  "d kd4:pif ph8:pj5 kdf:plz q6l:qbj qif:qip 98h:qj2 98i:qxw 98k:r5r 98j:r5s 98l:r7l dyu:ra" +
  "6 ram:rct rk6:rkf 98o:rkw rq4:rqb 98p:rvh ry7:rye s11:s1m s5z:s63 s8v:s9z 98r:sbq slq:sm" +
  "6 t65:t66 98w:tc5 98y:tiw 98z:tj3 990:tm0 trr:trs 994:tw2 995:u06 996:u45 997:u6m 998:u7" +
  "2 999:u73 99b:u74 99c:uar 99e:ui4 99g:unw 99h:uws v9e:v9f 99k:vc6 99l:vd0 vdd:vde 99o:vg" +
  "w 99q:vi7 99s:vix cop:vk3 w5p:wic vr4:wik vnu:wim wgo:wiv vua:wiw vo0:wj0 wci:wj4 wcf:wj" +
  "e w4x:wji w2h:wjj wbv:wjk wc5:wjm 6kh:wko 4f4:wkt 6ki:wl2,13xs,jjj,m 4bl:wl3 1a.1a:wl6 1" +
  "a.18:wl7 19.1a:wla jt.2q.2x:wup 6i1:wvj jr:wvy 4hl:wxc 8s6:wxd,y7 ip:wy5 wz7.wz7:wz8 kr:" +
  "x04 38.1f:x0p 2p.2p:x0z 2p.33:x11 2p.39:x13 2p.3a:x15,2 2p.3d:x19 ot:x1b 3b.m9:x29 38.2u" +
  ":x2v 12:x2w x0n:x3p ii:x3x,ia5 37.37:x4l id:x5a,1 x5e:x5f x5g:x5h 4af:x6j,1mwl 1us:x80 3" +
  "cz.3d2:xgg 3cz.3d3:xgh,966 3cz.3d5:xgi,966 3cz.3d8:xgj,967 3d1.3cw.3cw:xgl,968 3d1.3cz.3" +
  "cz:xgn 3d1.3d3.3d3:xgq 3d1.3d8:xgt 3d2.3cz:xgw 3d3.3d5.3dc:xgy 3d3.3db:xgz 3d5.3d5.3d3:x" +
  "h1 3d7.3d1:xh2 3d7.3de:xh3 3d8.3d8.3de:xh4 3dc.3dc:xh5 3dd.3de:xh6 3de.3d5:xh7 3fd.3fd:x" +
  "h8 8qn:xhu xi5:xib xja:xjk xkx:xn7 xlv:xna gk.mv:xtr d9.33.mv:xtt d9.33.mt:xtu 31.mb:xu9" +
  " ux:xuo gk.2t:xuq 39.33:xur 5qd:xv4 hs:xv5,1d 33.13:xv8 5q8:xve 5qi:xvf 5qf:xvg g2:xvi 3" +
  "ft.3fr:16ls 3ft.3ft.3g5:16lt 3fx.3fl:16lu 3fx.3fl.3g5:16lv 3fx.3fp:16lw 3fy.3fr:16lx 3fy" +
  ".3g5.3g5:16ly 3g2.3fl.3g5:16lz 3g2.3ft:16m0 3g3.3fl:16m1 3g3.3fp:16m2 3g3.3fp.3g5:16m3 3" +
  "g3.3ft:16m4 3g5.3fn.3ft:16m5 3g5.3fn.3g5:16m6 3g5.3fr:16m7 3g5.3fr.3g5:16m8 3g5.3ft.3g5:" +
  "16m9 3g5.3fx:16ma 3g5.3g2:16mb 3g5.3g5:16mc 3ha.3fl:16md 3ha.3fp.3g5:16me 3cy.3d1:16mj 3" +
  "cy.3da:16mk 3cz.3cz.3d3:16mm 3cz.3d5.3cw:16mp 3cz.3da:16mr 3cz.3dc:16ms 3d1.3cw.3de:16mu" +
  " 3d1.3d1.3db:16mv 3d1.3d2.3de:16mw 3d1.3d3.3cz:16mx 3d1.3d3.3dd:16my 3d1.3f0:16mz 3d1.3f" +
  "d.3de:16n0 3d2.3cy:16n2 3d2.3cy.3cy:16n3 3d2.3d2:16n4 3d2.3d3.3d5:16n5 3d2.3d8:16n6 3d3." +
  "3d1.3dd:16n8 3d3.3d2:16n9 3d5.3d3.3d7:16nf 3d5.3d5.3cw:16ng 3d5.3d5.3cz:16nh 3d5.3eo:16n" +
  "i 3eo.3d3:16nn 3eo.3d3.3d7:16no 3f0.3d2:16np 3f0.3de:16nq 3d8.3d3:16nr 3d8.3d3.3d3:16ns " +
  "3dd.3d5:16nu 3dd.3dc:16nv 32.lm:1evi 3c.mt:1evq 3a.mt:1evr 30.mt.30.mt.37.mt:1evs 30.mt." +
  "30.mt:1evt rd:1f3h,2t 8xs:1f3s 7gd:1f3w,14yg,7ao 89i:1f40 17z:1f4x 187:1f54 185:1f5e 1f9" +
  "e:1fbl 1f9v:1fbn x3v:1fei hj:1fen gu:1feq 1fgm:1fhc wvd:1fjf 7j9:1ggu,863 1gly.1gly:1glz" +
  " 1h45:1h4q 1h36:1h4s 18m:1hhi 1a8:1hhj nc:1hiy 1tm:1i2z,1w5 xdo:1i3f xdn:1i3g 6rs:1i3i 1" +
  "ik4.1iki.1ij6:1ij7 1ik4.1iki.1ijc:1ijd 1ik4.1iki.1ijn:1ijo 1ik4.1iki.1ijt:1iju 1ik4.1iki" +
  ".1ijw:1ijx 1ik4.1iki.1ijy:1ijz 1ikr.1ikr:1iks 1w8:1imq 1wa:1ims 1wc:1imu 1we:1imw 1wf:1i" +
  "mx 1wh:1imz 1wy:1in1 1wk:1in2 1wl:1in3 1wm:1in4 1wn:1in5 1wo:1in6 1wq:1in7 1wu:1inb 1wv:" +
  "1inc 1ws:1ind 1wj:1ine 1x3:1inh 1x4:1ini 1xa:1ink 1xj:1int 1xz:1inx 1xp:1io2 1x9:1io4 3b" +
  ".lj:1io5 1yf:1ioh 1yg:1ioi 1yk:1iom 1ite:1ivs,1 1itf:1ivu 1itg:1ivv 1iuq:1ivw 1iur:1ivx " +
  "1iyp.1iyp:1iyq 36.32:1j40,df 1j:1jgm,10lo 1jvp.1jvz:1jvq 1jvp.1jw0:1jvr 1jvp.1jvp:1jvs 1" +
  "jvp.1jvp.1jvz:1jvt 1jvp.1jvp.1jw0:1jvu 1jvv.1jvz:1jvw 1jvv.1jvv:1jvx 1jvv.1jvv.1jvz:1jvy" +
  " 1jw3.1jvz:1jw4 1jw3.1jw0:1jw5 1jw3.1jw3:1jw6 1jw3.1jw3.1jvz:1jw7 1jw3.1jw3.1jw0:1jw8 1k" +
  "5d.1k5d:1k5e 1k8a:1k8i 1fa2:1kxk 6kj:20hs wux:20ik,qud g2a:20oj fim:2dk2 83j:2jfk 88l:2j" +
  "g0 zj:2k1u 6kk:2k2j 6tr:2k3c 6ts:2k3d 4i3:2k3j 5ag:2o6m 6qo:2ojs 6pu:2ojw 6pu.mt:2ojx 6n" +
  "u:2q6m 10.6hs:2q6n 2r.2r.w.6hp:2q99 2r.6hs:2q9a 7jx:2qky,7 2jek:2qlv 2jel:2qmm,1 2jem:2q" +
  "mq 2jen:2qmr 2jei:2qnr 2jej:2qqq 2j22:2qrx 2j24:2qtf 2j23:2rco 35.2t:2rcw 2p.36:2rd3 3a." +
  "5wk:2rd4 7jd:2rd6 89r:2rei 6u9:2rf9 37.37.37:2rfg 31.2q:2rfv 3a.2q:2rfw 6u8:2rg1 6o4:2rp" +
  "s 6oc:2rpt 7kn:2s0l 7kt:2s0n 2qz8:2sca g6t:2ues hkn:2xbn hlm:2xdz 2xlz:2xm0 ivu:30g5 lmt" +
  ":358g mud:37jx 395l:395m rvf:3b2s 3d7h:3d7s 3eie:3eo6 dxx:3gz2 37dg:3rnp ibk:3tbu 33a7:3" +
  "tby j7c:3tbz ggh:3yht ouf:4dq4";

/** Characters with the identifier status Allowed: ranges, each as the step from the last and a length. */
export const ALLOWED =
  "13,0 6,1 2,a 7,p 5,0 2,p 1p,0 9,m 2,u 2,r 3,l 3,3 3,3 2,5 3,7 2,3 3,5 3,9 3,q 3,0 5,0 3," +
  "1 4,4 2,0 2,3 4,0 3,1 e,1 2,2 3,0 m,7 9,0 9,3 5,1 9,1 v,3 15,0 8,1 6,1 2,1 2,0 2,0 8,0 5" +
  ",1 9,0 n,0 2,0 7,0 15,1 1w,4 2,6 f,0 8,0 3,2 9,0 2d,0 2,2 2,0 2,j 2,17 1f,b 2,1t 2,b 2,1" +
  " 1d,b 3,7 3,f 3,6 f,a 3,d 5,7 3,1 17,1 c,11 b,11 4,0 1y,q 9,1 18,q 3,0 4,h 2,1 b,9 7,0 2" +
  ",0 2,0 5,m 2,9 5,1 2,0 2,7 2,4 2,0 2,2 3,4 2,j 2,0 p,b 4,2 2a,1 4,0 a,0 2,1 3,2 2,0 4,3 " +
  "f,1d 66,0 h,0 2,7 i,7 5,0 1m,2 2,6 2,r 2,9 2,7 2,5 2,8 2,0 7,1 f,9 3,5 4,1 2,1 2,2 2,6 4" +
  ",1 3,l 2,6 2,0 4,3 3,0 2,6 3,1 3,3 o,b h,0 3,5 5,1 3,l 2,6 2,0 3,0 3,1 3,0 2,4 5,1 3,2 f" +
  ",0 k,1 h,1 2,8 2,2 2,l 2,6 2,1 2,4 3,0 2,7 2,2 2,2 p,9 i,2 2,6 4,1 3,l 2,6 2,1 3,3 3,0 2" +
  ",5 4,1 3,2 9,0 9,0 i,0 i,0 2,5 4,2 2,3 4,1 2,0 2,1 4,1 4,2 4,b 5,4 4,2 2,3 1h,1 2,6 3,2 " +
  "2,m 2,6 2,1 2,4 5,6 2,2 2,3 1h,1 2,6 3,2 2,m 2,6 2,1 2,4 5,5 3,2 2,3 p,9 j,1 2,6 3,2 2,m" +
  " 2,f 5,5 3,2 2,1 2,0 a,0 z,5 3,1 2,8 4,5 4,3 2,i 2,8 2,0 3,6 4,0 5,5 2,0 2,6 k,0 f,1d 2," +
  "6 6,d 3,9 14,1 2,0 3,1 2,0 3,0 7,3 2,6 2,2 2,0 2,0 3,1 2,1 2,2 2,5 2,2 3,4 2,0 2,5 3,9 1" +
  "e,0 l,9 n,2 2,3 2,3 2,3 2,3 2,3 2,b 9,1 2,0 6,6 4,0 c,2 2,3 2,3 2,3 2,3 2,3 2,0 4,7 2,2 " +
  "1w,21 h,a h,l 5,0 1k,0 6,0 3,w 7k,6 2,1s 2,3 3,6 2,0 2,3 3,12 2,0 2,3 3,u 2,0 2,3 3,6 2," +
  "0 2,3 3,e 2,v 9,e 2,0 2,3 3,6 2,12 2,h tj,s 3,3 3,2 3,9 3,n 3,0 2,0 e,9 x3,16 3,2 99,1 5" +
  ",1 d,1 3,1 h,1 5,3 3,9 f,1 7,1 9,1 3,1 r,1 5,1 b,0 2,2h 4n,f 3,2 1k,0 10,0 9,0 e,0 34u,2" +
  " 1m,2d 7,1 2,2m nd,0 18,0 35,0 43,0 13,0 3,0 c,0 i,0 f,0 11,0 b,0 g,0 c,0 la,0 20,0 e,0 " +
  "2p,1 b,0 4,0 p,0 6,0 q,0 1m,0 a,0 b,0 c,0 5i,0 l,0 2d,0 5n,0 36,0 7b,0 4,0 3t,0 2k,0 au," +
  "0 f,0 5,0 29,0 10,0 2g,0 14,0 d4,0 39,0 5,0 y,0 a,0 2u,0 43,0 k,0 7w,0 1y,0 l,0 5e,0 6,0" +
  " 2b,0 h,0 2v,0 3y,0 5h,0 1f,0 3,0 5,1 2,1 l,0 4,0 n,1 2j,0 4m,0 cf,0 6,0 4,0 4,0 o,6 34," +
  "6 45,0 2a,h 2,l 2,1p 2,f 2,r 2,b 2,n 2,e 2,p 2,f 4,0 2,0 2,7 2,d 2,g 2,7 2,2 2,0 2,7 2,2" +
  " 2,17 2,p 2,0 2,i 2,p 2,7 2,0 2,2 2,k 2,o 3,h 2,y 2,2 2,3 2,3 2,e 2,4 2,y 2,3 2,g 2,2 2," +
  "6 4,m 2,8 2,j 2,5 2,0 3,7 2,7 2,1 2,y 2,b 2,1 2,l 2,6 2,3 2,2 2,3 2,6 2,2 2,c 2,a 2,3 3," +
  "8 2,h 2,0 2,8 2,9 2,0 2,6 2,e 3,a 2,b 2,0 2,2 2,2n 2,h 2,h 2,a 2,7 2,1g 2,2 2,2 2,0 2,1 " +
  "2,1 2,b 2,2 2,7 2,j 3,i 2,1 2,1 2,7 2,0 2,7 2,1 3,a 2,n 2,0 2,b 2,1 2,h 2,v 2,7 3,2 2,9 " +
  "2,9 2,8 2,c 3,7 2,m 3,o 2,6 2,14 2,f 2,a 2,v 2,15 2,1r 2,t 2,1 3,18 2,n 2,o 2,2s 2,m 2,g" +
  " 3,j 2,9 2,a 2,3 2,6 2,5 2,4 2,3 2,7 2,0 2,i 2,6 2,9 2,1 2,9 2,6 2,q 2,j 2,8 2,b 2,e 2,0" +
  " 2,1 3,7 2,a 2,4 2,8 2,1 2,n 2,4 2,3 2,b 3,0 2,9 2,j 2,7 2,4 2,d 2,g 2,w 2,5 2,8 2,1m 3," +
  "1i 2,4 2,8 2,4 3,e 2,s 2,j 2,a 2,8 2,1 3,7 2,1 2,f 2,3 2,d 2,a 2,2 2,1 2,7 2,0 2,e 2,e 2" +
  ",1 2,x 2,0 2,2i 2,1a 2,1n 2,0 2,4 2,2 2,y 2,3 2,k 2,0 2,k 2,4 2,s 2,12 2,q 3,o 2,1 2,16 " +
  "2,b 2,7 2,1 2,c 3,c 2,8 2,3 2,6 2,8 2,n 2,7 2,3 2,3 2,a 2,g 2,10 2,p 2,6 2,1 2,1 2,b 2,y" +
  " 2,15 2,19 2,3 2,q 2,6 2,m 2,1g 2,2 2,a 2,m 2,2 2,7 2,x 2,h 2,b 3,5 2,6 2,4 2,9 2,h 2,1 " +
  "2,0 2,o 2,q 2,1g 2,7 2,1r 2,12 2,4 2,15 2,c 2,j 2,17 2,0 2,28 2,9 2,7 3,a 2,g 2,a 2,b 2," +
  "5 2,8 2,e 2,11 2,1d 2,9 2,e 2,1 2,r 2,0 2,g 2,17 2,2 2,6 2,5 2,m 2,3 2,3 2,8 2,b 2,h 2,0" +
  " 2,0 2,1 3,11 2,p 2,2 2,5 2,f 2,3 2,r 2,0 2,m 2,0 2,l 2,1 2,k 2,1a 2,2 2,s 2,1g 2,e 2,1r" +
  " 2,a 2,u 2,b 2,o 2,4 2,y 2,1a 2,6 2,1o 2,2w 3,b 2,f 2,y 2,6 2,p 2,c 2,5 2,g 2,b 2,n 2,5 " +
  "2,2 2,7 2,6 2,j 2,7 2,m 2,0 2,m 2,3 2,s 2,b 2,e 2,p 2,7 2,8 3,6 2,5 2,2 2,6 2,4 2,d 2,3 " +
  "2,n 2,j 2,9 3,e 2,3 2,h 2,1 2,19 2,8 2,0 2,c 3,x 2,1 2,2 2,6 2,e 2,h 2,3 2,g 2,9 2,3 2,1" +
  "o 2,v 2,c 2,11 2,0 2,k 2,0 2,w 2,6 2,i 2,g 2,7 2,12 2,0 2,2 2,q 2,p 2,2 2,a 2,h 2,9 2,k " +
  "2,7 2,1 2,y 2,1f 2,d 2,28 2,1 2,s 2,f 3,1 4,16 2,n 2,6 2,h 2,h 2,g 2,g 2,0 2,k 2,2 2,3 2" +
  ",8 2,2 2,i 2,b 2,0 2,2 2,3 2,d 2,f 2,z 2,b 2,h 2,5 2,9 2,l 3,3 2,9 2,2 2,0 2,1 2,2 2,6 2" +
  ",1l 2,1b 2,6 2,1 2,4 2,e 2,g 2,f 2,d 2,7 2,11 2,0 2,1c 2,1i 2,q 2,c 2,o 2,6 2,23 2,e 2,j" +
  " 2,o 3,3 2,1y 3,0 3,2 2,a 2,4 2,g 2,w 2,u 2,d 4,c 2,8 2,1w 2,6 2,v 2,5 2,1h 2,4 2,0 2,19" +
  " 2,t 2,0 2,3 2,m 2,c 2,9 2,1 2,w 2,6 2,h 2,1 2,1e 2,2 2,1 2,y 3,6 2,4 2,a 2,8 2,2 2,d 2," +
  "6 2,2 2,t 2,13 2,8 2,q 2,d 3,x 2,i 2,0 2,u 2,7 2,e 2,3 2,9 2,k 2,5 2,u 2,5 2,f 2,4 2,2 2" +
  ",0 2,7 2,2 3,8 2,3 2,f 2,7 2,0 2,3 2,2c 2,h 2,1u 2,c 2,m 2,15 2,1z 2,z 2,1c 2,6 2,r 2,v " +
  "2,3 2,7 2,0 2,d 2,x 2,7 2,g 2,5 2,14 2,0 2,1 2,t 2,1f 2,v 2,f 2,1 2,7 2,1 2,e 2,8 2,8 2," +
  "y 2,c 2,z 2,g 2,1o 2,m 3,a 2,2 2,s 2,o 2,i 3,1 2,1 2,9 2,1 2,9 2,8 2,c 2,g 2,j 2,0 2,a 2" +
  ",h 2,8 2,i 2,1 2,w 2,1c 2,c 2,o 2,1 2,f 2,9 2,5 2,0 2,c 3,19 2,g 2,a 2,2 2,3 2,15 2,g 2," +
  "1k 2,3 2,9 2,s 2,6 2,6 2,6 2,3 2,6 2,8 3,g 2,2 2,x 2,h 2,0 2,5 3,e 3,l 2,9 2,h 2,6 2,1 2" +
  ",3 2,6 2,1 2,14 2,4 2,0 2,x 2,a 2,0 2,14 2,4 2,3 2,h 2,m 3,s 2,0 4,3 2,2 2,x 2,a 2,5 2,9" +
  " 2,m 2,6 2,0 2,n 2,f 2,26 2,0 2,9 2,0 2,1y 2,v 2,h 3,x 2,1 2,6 2,n 2,f 2,a 2,5 2,g 2,11 " +
  "2,5 3,4 2,0 2,0 3,k 2,1 2,y 2,5 2,1 2,p 2,3 2,b 2,8 2,i 2,8 2,h 2,1 2,a 2,2 2,z 2,4 2,g " +
  "2,4 2,g 4,n 2,1t 2,7 2,1j 2,4c 3,3 2,3 2,h 2,15 2,a 2,5 2,0 2,p 2,w 2,5 2,5 2,10 2,z 2,b" +
  " 2,2 2,10 2,w 2,4 2,4 2,g 4,9 2,4 2,10 2,y 3,1a 3,25 2,a 2,4 2,1f 2,n 2,9 3,x 2,f 2,r 2," +
  "y 2,11 2,10 2,1a 2,o 2,c 2,4 2,u 2,z 2,2v 2,12 2,5 2,11 2,0 3,6 2,1j 2,15 2,g 2,w 2,a 2," +
  "14 2,m 2,9 2,w 3,n 2,2 2,19 2,i 2,t 2,7 2,f 2,w 2,3 2,7 2,5 2,8 3,0 2,3 2,6 2,o 2,u 2,s " +
  "2,i 2,7 2,c 2,4 2,19 2,9 2,5 2,k 2,u 2,g 2,c 2,6 2,16 2,r 2,9 2,1r 2,k 2,l 2,9 2,p 2,b 2" +
  ",b 2,f 2,2 2,1 2,p 2,2y 2,1 2,2 2,k 2,a 2,j 2,1r 2,e 2,6 2,e 2,1 2,2 2,3 2,l 2,2 2,5 3,1" +
  "c 2,5 2,2 2,2 2,6 3,c 2,3 2,5 3,8 2,g 2,c 2,n 2,i 2,3 2,9 2,l 2,e 2,6 2,n 2,q 2,1n 2,7 2" +
  ",4 2,5 2,w 3,5 2,a 2,5 2,3 2,4 2,4 2,0 2,a 2,4b 2,6 2,2 2,b 4,3 2,q 2,9 2,2 2,2 2,2 2,e " +
  "2,9 2,z 2,9 2,0 2,f 2,c 2,8 2,e 3,2w 2,14 2,o 2,z 2,q 2,8 2,11 2,i 2,7 2,t 2,5 2,0 2,0 2" +
  ",w 2,5 2,f 2,1 3,8 2,1 2,j 2,l 2,t 2,s 2,b 2,5 2,2i 2,5 2,d 2,e 2,5 2,r 2,1t 2,0 2,9 2,7" +
  " 2,4 2,2r 2,v 3,3 2,y 2,i 2,1c 3,q 2,w 2,o 2,1 2,f 2,k 2,3 2,q 2,d 2,y 2,a 2,1 2,v 2,10 " +
  "3,l 2,1 2,o 2,t 2,l 2,5 2,5 2,1k 2,i 3,1b 2,4 2,1 2,2 2,2 2,3 2,5 2,0 2,8 2,f 2,2 2,9 2," +
  "e 2,z 2,h 2,d 2,j 2,3 2,0 3,3 2,t 2,9 2,s 2,d 2,6z 3,3 2,5 2,g 2,q 3,2 2,7 2,m 2,2 2,1y " +
  "3,1 2,j 2,m 3,w 2,0 2,2 2,0 3,8 2,8 2,2 2,1 2,0 2,a 2,2 2,4 2,19 2,0 3,j 2,m 2,1 2,1 3,m" +
  " 3,1 2,7 3,a 2,8 2,a 2,g 2,g 2,0 2,g 2,c 2,5 3,2 2,7 2,0 2,g 2,14 2,x 2,4 2,3 2,7 2,5 2," +
  "2 2,2 2,3 2,d 2,e 2,0 2,25 2,h 2,o 2,6 2,3 2,5 2,1 2,s 2,w 2,7 2,k 2,1 2,2o 2,v 2,4 2,3 " +
  "2,8 2,p 2,5 3,x 2,k 2,5 2,3 2,4 2,1w 2,i 2,9 2,d 2,7 2,2 2,2 3,5 2,e 2,0 2,5 2,9 2,5 2,n" +
  " 2,7 2,1 2,e 2,5 2,9 2,e 2,l 2,1 2,b 2,13 2,1e 2,8 3,0 2,1p 2,b 2,0 2,e 2,1 2,l 2,3z 3,2" +
  " 2,k 2,c 2,5 2,1b 2,12 2,n 2,d 2,1 2,14 2,g 2,g 2,6 2,4 2,2l 2,i 3,6 2,4 2,2 2,7 3,3 2,1" +
  "l 2,3 2,g 2,c 2,1 2,g 2,t 2,c 2,o 2,1e 2,0 2,1 1k8,0 t,0 k1,0 at,8mb bq6,0 2,0 1l,0 1604" +
  ",6 2,3 2,1 2,e 64w,0 z,0 20,0 yi,0 11,0 u,0 1l,0 6,0 1s,0 2v,0 3,0 3z,1 2w,0 12,0 5,0 1h" +
  ",0 y,1 1f,1 u,0 2w,0 8,0 1a,0 36,0 j,0 6,1 5,0 1y,0 8,0 7k,0 2y6,0 1da,0 m8,0 32,0 3r,0 " +
  "3r,0 4,0 31,0 1y,0 1w,0 r,0 98,0 2ro,0 1lo,0 1r9,0 1e,0 n5,0 3e5,0 12s,0 fa,0 8,0 37o,0 " +
  "1en,0 4q,0 63,0 1yg,0 3,0 5,0 3ba,0";

/** Letters that look like something in that script which folds to another key. */
export const AMBIGUOUS: Readonly<Record<string, string>> = {
  Latin: "ax b5 pp px qa qf sx",
  Cyrillic: "px",
  Armenian: "qf",
  Greek: "sz wg",
};

/** Letters of other scripts that look like something in that script. */
export const TWINS: Readonly<Record<string, string>> = {
  Latin:
    "pd pe ph pi pj pl pm po pp pr pt pw px pz q9 qa qb qd qf qh ql qn qp qr qt sl sm so sw s" +
    "x sy t1 t3 t6 t8 t9 ta tc td te tf th tn to tq ts tt tv tx u6 u8 u9 ub ud ug us ut uu uw" +
    " uz wh wj wo x6 x7 xa xb xn xp xr xs y7 yc yd yg yh yo yp 11p 11r 11x 129 12b 12e 12o 12" +
    "q 12w 130 131 135 136 138 139 15h 15k 15l 15r 15t 17r 18n 1by 1c1 1cl 1dr 274 2lb 2lc 35" +
    "w 368 36l 38a 3br 3c7 3k0 3ps",
  Cyrillic:
    "1t 1u 1v 1x 20 21 22 23 25 27 28 2b 2c 2g 2h 2p 2q 2r 2t 2w 2x 2y 30 33 34 36 37 3b 3c 3" +
    "d 5i 6e 72 87 8h b3 ba c7 d9 gd gp gr gz h5 ia pd pe pf ph pj pk pl pm pn po pr ps pt pw" +
    " px py pz q9 qb qd qg qh qi qn qo qp qr qs qu 11r 11v 11x 129 12o 136 139 15h 15l 15r 15" +
    "t 17r 18n 1by 1c1 1cl 23u 274 2lb 2lc 35w 36l 38a 3c7 3ls 3ps",
  Armenian:
    "21 27 2b 2d 2u 2v 2w 2x 30 32 33 35 39 3b 8h 97 b6 ba c7 h5 i3 jg pl pr py qc qf qh qn q" +
    "r qt sl sm t3 ta tg tt u6 ug uu wo xn xs y7 yo 15h 15l 15r 15t 17r 18n 1by 1c1 1cl 274 2" +
    "lc 36l 3k0 3k6 3kz 3ls 3mo 3mp 3o4 3ou 3ps 3s3",
  Greek:
    "1t 1u 1x 20 21 23 25 26 27 28 2c 2g 2h 2i 2p 2x 30 33 34 39 3a 3d 67 72 8h 97 ba c7 gr g" +
    "z h5 i3 jg sm sw sy sz t1 t3 t6 t7 t8 t9 ta tb tc te tf tg th ts tt u2 u6 u7 u8 ua ub uc" +
    " us uu wg wo xa xb xs y7 yo yw 11v 11x 12m 12q 131 136 139 15h 15k 15l 15r 15t 17r 18n 1" +
    "by 1c1 1cl 274 2lc 36l 3c7 3ls 3ps 61q",
};
