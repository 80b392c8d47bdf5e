// Package techplatform is the common technology platforms of small and medium
// enterprises (中小企业共性技术服务平台): what they offer, what is ordered of them,
// and what was done for whom.
//
//   - A platform is run by an institution of the register and was founded by
//     universities and enterprises with what each brought (共建单位及出资). It is
//     recognised at a level (市级、省级、国家级) for a term. A platform set up in a
//     specialty industry base (特色产业基地) is counted apart from the common ones.
//   - A base is linked to the platforms that serve it, by what they do for it:
//     testing, skills, research, matching (产品检测、技能培训、研发攻关、配套协作).
//   - A platform offers services, comprehensive or professional (综合性、专业性技术
//     服务), with a price and the share it gives for free. Its instruments are
//     booked by the half hour; two bookings of one instrument never overlap.
//   - An enterprise orders a service (服务订单), with or without an instrument. The
//     platform accepts, delivers with a report; the enterprise confirms and rates.
//   - What was done is a piece of work (服务记录, 项): it counts once as a service,
//     and once for each enterprise served. A confirmed order makes one; work done
//     for several enterprises at once is entered by the platform, this year's alone,
//     and waits, in no figure, until an office of its place confirms it or returns it;
//     what was done earlier, or before there were orders, by that office: it counts at
//     once. Work that is withdrawn takes all that it counted with it.
//
// A technology need of an enterprise, or an offer of an enterprise, university or
// institute (技术需求、技术成果), is a notice: the office of its place checks it, somebody
// else at the city publishes it for a term. A published notice names those of
// the other side that fit, by text and industry. Whoever answers it is introduced
// to its party, and either says what came of it.
//
// A new product of an enterprise is confirmed by the province (新产品鉴定) once the
// county and the city have passed it; which answers there are is data.
//
// Figures count a platform from the day it was founded, at the level of the term
// that holds on the day; services and enterprises since the beginning (累计).
package techplatform
