// Package enterprise is the register of small and medium enterprises (中小企业
// 名录): who they are, by which numbers their licences know them, how large
// they were in each year, and who may act for them.
//
//   - An identifier (证照号码) is a credit code, an organisation code or a
//     registration number; it belongs to at most one verified enterprise.
//   - An enterprise entered by its owner is unverified (未核) until the staff of
//     its county has seen the licence. Unverified entries of one code may
//     coexist, so nobody can lock the true owner out by being first.
//   - A claim (认领) is an account's request to act for an enterprise. Claimants
//     never learn who else claims; staff decide, with a reason.
//   - The size class (规模类型) is not stored as an opinion: it follows from the
//     figures of a year by the rule in force, and explains itself.
//   - A founder (创业者) without an enterprise is a person: who asks for a service
//     is a party of either kind, and nothing here requires an enterprise of them.
//   - Merging two entries of one enterprise leaves an alias behind and can be undone.
package enterprise
