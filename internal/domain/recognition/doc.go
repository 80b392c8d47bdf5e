// Package recognition is how a title is awarded (认定): a park of grade A, a
// demonstration institution, a public service platform with stars.
//
//   - A title (称号) says to what kind of subject it is given (对象), by which
//     criteria, for how long, how many reviewers look at each application and
//     how long the result is made public. Its criteria are a criteria.Set: the
//     conditions (申报条件) and the rubric (评分表), versioned data with the
//     document that sets them. A version in use never changes.
//   - A call (通知) opens a title for a year at an office: from, to, quota, and
//     the version of the criteria, which stays whatever comes after.
//   - An application (申报) is about one subject. What the program knows of it is
//     filled in; the applicant adds the rest and the evidence (佐证材料).
//   - Reviewers (评审专家) score it, each without seeing the others until their own
//     scores are in. Whoever has a conflict of interest (回避) is never assigned:
//     people of the applicant, and those who declared one.
//   - What is proposed is made public (公示); anybody signed in may object (异议);
//     the office answers each objection before it decides.
//   - An award (认定结果) holds for a term. Its holder reports each year; a
//     re-check (复核) extends, downgrades or withdraws it.
//
// The package knows no park and no platform: subjects are found, described and
// told of their award through Subjects, which internal/app provides.
package recognition
