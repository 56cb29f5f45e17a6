"""A small pack without a problem, for tests that then break one thing of it."""

import csv
import io
from collections.abc import Mapping
from datetime import date

from knowledge.forum import Entry
from knowledge.loaders.pack import Pack
from knowledge.problems import PackRefused, Problem
from knowledge.vocabulary import LANGUAGES, Localised

FORUM = """\
names:
  full: {en: The Forum, fr: Le Forum, ru: Форум, zh: 论坛}
  short: {en: Forum, fr: Forum, ru: Форум, zh: 论坛}
edition: 4
title: {en: Getting on, fr: Avancer, ru: Вперёд, zh: 前进}
dates: {start: 2022-09-13, end: 2022-09-14}
time_zone: Asia/Bangkok
zone_words: {en: Bangkok time, fr: heure de Bangkok, ru: по бангкокскому времени, zh: 曼谷时间}
venue:
  name: {en: Centre, fr: Centre, ru: Центр, zh: 中心}
  city: {en: Bangkok, fr: Bangkok, ru: Бангкок, zh: 曼谷}
languages: [en, fr, ru, zh]
contacts: {email: desk@example.org, telephone: null, desk: null}
retention: {messages: 30}
"""

ROOMS = """\
- id: room-a
  name: {en: Room A, fr: Salle A, ru: Зал A, zh: A厅}
  aliases: [plenary]
  floor: {en: ground floor, fr: rez-de-chaussée, ru: этаж 0, zh: 底层}
  directions: {en: Straight on., fr: Tout droit., ru: Прямо., zh: 直走。}
  step_free: true
"""

WIFI = """\
---
key: wifi
title: {en: Wi-Fi, fr: Wi-Fi, ru: Вай-фай, zh: 无线网络}
phrasings:
  en: [wifi password, internet access]
  fr: [mot de passe wifi]
  ru: [пароль вай-фай]
  zh: [无线网络密码]
status: published
sensitive: false
source: "The secretariat, 1 September 2022"
checked: 2022-09-01
---
## en
The network is Forum.

## fr
Le réseau est Forum.

## ru
Сеть называется Forum.

## zh
网络名称是 Forum。
"""

VISA = """\
---
key: visa
title: {en: Visa, fr: Visa, ru: Виза, zh: 签证}
phrasings: {en: [do I need a visa], fr: [visa nécessaire], ru: [нужна ли виза], zh: [需要签证吗]}
status: not published
sensitive: true
source: null
checked: 2022-09-01
---
"""

TABLES = {
    "programme.csv": """\
id,start,end,room,title_en,title_fr,title_ru,title_zh,kind
opening,2022-09-13T09:00,2022-09-13T09:30,room-a,Opening,Ouverture,Открытие,开幕,plenary
s1,2022-09-13T09:30,2022-09-13T10:30,room-a,Session 1,Séance 1,Заседание 1,第一场,session
""",
    "catalogue/members.csv": """\
iso3,name_en,name_fr,name_ru,name_zh,aliases,membership,subregion,groups,in_region,name_fr_un,name_ru_un,name_zh_un
FJI,Fiji,Fidji,Фиджи,斐济,Fiji Islands,member,PAC,SIDS,true,Fidji,Фиджи,斐济
THA,Thailand,Thaïlande,Таиланд,泰国,,member,SEA,,true,Thaïlande,Таиланд,泰国
""",
    "catalogue/providers.csv": """\
id,name,acronym,aliases,country_iso3,kind,roles,themes,sdgs,modalities,regions_served,programme_names,website,summary,source_url,confidence
tha-tica,Thailand International Cooperation Agency,TICA,,THA,national_agency,provider,health,3,training,PAC;SEA,,https://example.org,Trains nurses.,https://example.org/a,verified
""",  # noqa: E501
    "catalogue/good_practices.csv": """\
id,title,provider_ids,partner_countries_iso3,theme,sdgs,modality,year_from,year_to,summary,replication_notes,source_url,confidence
nurses,Nurses for the islands,tha-tica,FJI,health,3,training,2018,2021,Twelve nurses were trained.,,https://example.org/b,verified
""",
    "catalogue/vocab/themes.csv": """\
id,name_en,name_fr,name_ru,name_zh,seed_theme,sdgs,synonyms_en,synonyms_fr,synonyms_ru,synonyms_zh
health,Health,Santé,Здоровье,卫生,yes,3,hospitals,hôpitaux,больницы,医院
""",
    "catalogue/vocab/sdgs.csv": """\
number,short_name_en,short_name_fr,short_name_ru,short_name_zh,keywords_en,keywords_fr,keywords_ru,keywords_zh
3,Good health,Bonne santé,Хорошее здоровье,良好健康,health,santé,здоровье,健康
""",
    "catalogue/vocab/modalities.csv": """\
id,name_en,name_fr,name_ru,name_zh,synonyms_en,synonyms_fr,synonyms_ru,synonyms_zh
training,Training,Formation,Обучение,培训,course,cours,курс,课程
""",
    "catalogue/vocab/regions.csv": """\
id,name_en,name_fr,name_ru,name_zh,type
PAC,Pacific,Pacifique,Тихий океан,太平洋,escap_subregion
SEA,South-East Asia,Asie du Sud-Est,Юго-Восточная Азия,东南亚,escap_subregion
""",
    "catalogue/vocab/dac_sectors.csv": """\
code,level,parent,name_en,name_fr
120,3,,Health,Santé
""",
}


def small_pack() -> dict[str, bytes]:
    """Return the files of a small pack that has no problem."""
    texts = {"forum.yaml": FORUM, "rooms.yaml": ROOMS, "faq/wifi.md": WIFI, "faq/visa.md": VISA, **TABLES}
    return {name: text.encode() for name, text in texts.items()}


def with_text(name: str, old: str, new: str) -> dict[str, bytes]:
    """Return the small pack with *new* for *old* in the file *name*, once."""
    files = small_pack()
    text = files[name].decode()
    assert old in text, f"{name} has no {old!r}"
    return {**files, name: text.replace(old, new, 1).encode()}


def with_cell(name: str, row: int, column: str, value: str) -> dict[str, bytes]:
    """Return the small pack with *value* in one cell of a table; the header is row 1."""
    files = small_pack()
    rows = list(csv.reader(io.StringIO(files[name].decode())))
    rows[row - 1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return {**files, name: out.getvalue().encode()}


def problems(files: Mapping[str, bytes]) -> list[Problem]:
    """Return what is wrong with the pack of *files*."""
    try:
        Pack.from_files(files)
    except PackRefused as refused:
        return list(refused.problems)
    return []


def only_problem(files: Mapping[str, bytes]) -> Problem:
    """Return the one thing that is wrong with the pack of *files*."""
    [problem] = problems(files)
    return problem


def entry(key: str, *asked: str, body: str | None = "Answer.", sensitive: bool = False) -> Entry:
    """Return an entry asked for in English by *asked*."""
    return Entry(
        key=key,
        title=Localised(dict.fromkeys(LANGUAGES, key)),
        phrasings={"en": asked},
        body=None if body is None else Localised(dict.fromkeys(LANGUAGES, body)),
        source=Localised(en="The secretariat"),
        checked=date(2022, 9, 1),
        sensitive=sensitive,
    )
