"""Who works in the demo county, and what its households lack; all invented, all in the words of the trade."""

from dataclasses import dataclass

# login, name, role, and where: the county, everywhere, or the numbers of towns
ACCOUNTS: tuple[tuple[str, str, str, str | tuple[int, ...]], ...] = (
    ("county", "陈志远", "county", "county"),
    ("town", "罗晓燕", "town", (0,)),
    ("auditor", "刘守正", "auditor", "county"),
    ("admin", "王建新", "admin", "everywhere"),
    ("town2", "钟丽萍", "town", (1,)),
    ("town3", "曾广贤", "town", (2,)),
    ("town4", "欧阳海", "town", (3,)),
    ("towns", "蓝秋菊", "town", (4, 5)),
    ("county2", "胡敏", "county", "county"),
)
# name, credit code, people (login, name, role)
ORGANISATIONS = (
    (
        "青原区暖阳社会工作服务中心",
        "52360803MJC100001R",
        (
            ("worker", "周小满", "worker"),
            ("supervisor", "吴静", "supervisor"),
            ("worker3", "古丽娜尔·阿卜杜热西提", "worker"),
        ),
    ),
    ("同行家庭服务社", "52360803MJC200002F", (("worker2", "邹平", "worker"), ("supervisor2", "谢云", "supervisor"))),
    ("庐陵乡伴社工站", "52360803MJC3000035", (("worker4", "尹春兰", "worker"),)),
)


@dataclass(frozen=True)
class Story:
    """A need as an officer would write it down; ages in years."""

    kind: str
    words: str
    youngest: int
    oldest: int
    urgency: str = "normal"
    source: str = "visit"


STORIES = (
    Story(
        "needs.counselling", "开春以来不肯出房门，也不上学，夜里醒着；奶奶说以前很爱说话。", 9, 16, "soon", "village"
    ),
    Story("needs.counselling", "老伴去年走了，一个人坐着不开灯，饭也懒得做，说活着没意思。", 62, 95, "soon"),
    Story("needs.company", "独居，腿脚不便，儿女在广东，一个月没人来过，盼着有人说说话。", 65, 99),
    Story("needs.nursing", "中风后左边身子动不了，洗澡翻身靠邻居，老伴也七十多了，扶不动。", 55, 99, "soon"),
    Story(
        "needs.child_care", "爸妈离婚后跟奶奶过，作业没人管，数学跟不上，放学在村口游荡。", 7, 15, "normal", "village"
    ),
    Story("needs.health", "每月要去市里透析，没有人陪，也不会在手机上挂号。", 30, 75, "soon", "household"),
    Story("needs.papers", "残疾证到期没换，护理补贴停了两个月，自己不知道到哪里办。", 20, 80),
    Story("needs.skills", "从厂里回来后一直没找到活，愿意学门手艺，要能照顾家里。", 20, 50, "normal", "household"),
    Story("needs.rehabilitation", "三级肢体残疾，做过手术后没人教怎么锻炼，关节越来越僵。", 8, 70),
    Story(
        "needs.motivation", "身体好着，整天打牌，说反正有低保；想请人带一带，孩子看着呢。", 25, 55, "normal", "village"
    ),
    Story("needs.housing", "厕所在屋后坡上，夜里摔过两次，屋里没有扶手，电线也老了。", 60, 99, "soon"),
    Story("needs.inclusion", "和隔壁为一堵墙两年不说话，逢事没人搭手，想有人从中说一说。", 35, 80),
    Story("needs.crisis", "昨晚说不想活了，药瓶放在床头，女儿打电话来哭。", 18, 90, "urgent", "household"),
)
