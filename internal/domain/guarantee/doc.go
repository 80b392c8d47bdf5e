// Package guarantee is financing guarantees (融资担保): who gives them, from the
// enterprise's application to the day the guarantor is free again, and how much
// a guarantor may still take on.
//
//   - A guarantor (担保机构) is an institution of that kind with books of its own:
//     policy, mutual or commercial (政策性、互助性、商业性), its level, registered
//     capital, net assets and reserves, each with a dated history; outlets by town;
//     the banks it works with. What limits are counted by is the office's to enter
//     or to confirm: a guarantor files it (申报), with the document it comes from.
//   - A mutual pool (互助性担保机构) rests on a park. Members pay in shares; the bank
//     lends up to an agreed multiple of what was paid in; a member is guaranteed up
//     to a multiple of its own share, and members stand for each other. A member
//     with open guarantees does not leave; another gets its part, by shares, of
//     what is left of the fund.
//   - A case (担保业务) is one guarantee: application → acceptance → due diligence →
//     review meeting with votes → approval, by two different persons above a set
//     amount → contract → loan confirmed by the bank → repayments → released; or
//     claim paid (代偿) → recovery (追偿) → recovered or written off.
//   - Money stands in postings (分录) that are only ever added to. Every balance,
//     committed, outstanding (在保余额), claims (代偿余额), losses, shares, is their sum.
//     A contract undone is posted back.
//   - How much may be guaranteed for one client, for a related group and in all is
//     a rule by date (限额规则), data with its source. It is checked where capacity
//     is used up, at the last approval, under a lock on the guarantor: whoever
//     asks for the last of it at the same moment as others gets it or does not.
//   - Since 2018 the rule asks for asset ratios (资产比例) by a guarantor's statement
//     of its assets by class (资产分级). They warn, and bar nothing.
//   - A financing need (融资需求) is posted once; guarantors and banks of the place
//     make offers, the enterprise chooses one. From posting to money is measured.
//   - Figures count contracts on the day they were signed, where the enterprise
//     was then.
package guarantee
