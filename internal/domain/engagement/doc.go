// Package engagement is the heart of the service system: an enterprise or a
// founder says what it needs (诉求、需求), the service centre finds who can help,
// the institution delivers, and the one who asked confirms and rates (需求 → 匹配
// → 办理 → 评价).
//
//   - A need (需求) has a number such as XQ-320924-2008-0187: per county and year,
//     without gaps. It lies in the town of the one who asks and is handled by
//     one office (经办单位), a county's at first, which may refer it up or down.
//   - An offer (推荐) puts the need before one institution, with the reasons as
//     they were known then. The institution accepts or declines; at most one
//     offer is open at a time.
//   - A delivery (服务交付) is what an institution did on a day. It counts, in the
//     figures of its own day and town, once the one who asked has confirmed it;
//     one that nobody confirmed in time is counted apart and never as served.
//   - Changing a delivery takes its confirmation back: what counts is always
//     what the enterprise itself said yes to.
//   - A rating (评价) says whether it was on time and whether the problem was
//     solved. Some closed needs, chosen by their id and nobody's liking, are
//     called back (回访).
//   - Every step sets the instant by which the next is due, in working days;
//     while the enterprise is asked for more (等企业补材料) the clock stands still.
//   - The contact person is personal data: kept apart, read with a trace.
//
// The states and who does what are the Lifecycle in rules.go; the use cases are
// in one file per part of the way: post, triage, offer, deliver, confirm, tasks.
package engagement
