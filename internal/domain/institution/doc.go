// Package institution is the register of those who serve small and medium
// enterprises (服务机构): service centres, guarantors, banks, training bodies,
// technology platforms, universities, intermediaries, associations, law firms.
//
//   - An institution offers services (服务项目): a theme (服务主题) in a form
//     (服务形式), for certain regions, within limits.
//   - It stands in at most one tier (层级) on any day: the core tier (核心层) are
//     the service centres, the close tier (紧密层) those with assigned tasks, the
//     contact tier (联系层) those kept in regular contact.
//   - It may be recognised as a demonstration institution (示范服务机构) for a
//     term. Tiers and terms never overlap; a new one ends the one before.
//   - A demonstration institution is given special-topic tasks (专题性服务任务).
//   - Contacts are people: they are kept apart, and reading them leaves a trace.
//   - Documents show that it may do its work (资质文件). Those who see its entry
//     open them, and leave a trace unless it is their own; they are not public.
//
// The themes and forms of service are listed here because every later domain
// speaks of them.
package institution
