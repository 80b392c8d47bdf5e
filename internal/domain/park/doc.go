// Package park keeps the parks for small and medium enterprises (中小企业园): their
// buildings, who is in them, and what the towns plan.
//
//   - A park (园区) lies in a town, has a developer and an operator, and is planned,
//     under construction (在建) or operating. It is under construction until the
//     last of it is done, though enterprises move into what is finished before.
//   - A building (楼栋) is a standard factory (标准厂房), single- or multi-storey, or a
//     shared facility (公用设施): offices, a warehouse, a dormitory. Its floor area is
//     new in the year in which it was completed (竣工).
//   - A tenant (入园企业) is an enterprise with space in finished buildings. It enters,
//     grows, and graduates (毕业) or leaves. On no day do the tenants of a building
//     have more than its area.
//   - A plan (建设规划) is that of a town's industrial zone and parks: submitted, given
//     the opinions of experts, revised, approved by the city.
//   - A wish (找厂房) is an enterprise's: so much space of a kind in a county. It is
//     matched to vacant space, becomes an application for one building, and ends
//     when the enterprise has moved in.
//   - A park may be of grade A, or a model park (示范园), for a term under a document.
//     That is decided where titles are kept (认定): here are only the terms that
//     follow from its awards.
//
// Whether a town is a key town (重点镇) is what the tree says on the day of the fact.
package park
