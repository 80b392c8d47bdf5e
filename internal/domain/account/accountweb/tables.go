package accountweb

import (
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

func (v peopleView) filters(p web.P) []ui.Filter {
	role := ui.Filter{Label: p.T("account.filter.role_all")}
	for _, r := range v.roles {
		name := roleName(p.Lang, r.Name)
		role.Options = append(role.Options, ui.Link{Label: name, Href: v.query("role", r.Name)})
		if r.Name == v.filter.Role {
			role.Label, role.On, role.Clear = name, true, v.query("role", "")
		}
	}
	status := ui.Filter{Label: p.T("account.filter.status_all")}
	for _, s := range []flow.State{account.Active, account.Disabled} {
		name := p.T("account.person.state." + string(s))
		status.Options = append(status.Options, ui.Link{Label: name, Href: v.query("status", string(s))})
		if s == v.filter.Status {
			status.Label, status.On, status.Clear = name, true, v.query("status", "")
		}
	}
	return []ui.Filter{role, status}
}

func (v peopleView) table(p web.P) ui.Table {
	t := ui.Table{Caption: p.T("account.people.title"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("account.form.name")},
		{Label: p.T("account.col.roles")},
		{Label: p.T("account.form.region"), Wide: true},
		{Label: p.T("account.form.phone")},
		{Label: p.T("account.col.state")},
		{Label: p.T("account.col.seen"), Wide: true},
	}}
	for _, row := range v.rows {
		login := row.Phone
		if login == "" {
			login = row.Email
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: row.Name, Href: "/bench/people/" + row.ID},
			{Body: grantsOf(row.grants)},
			{Text: row.place},
			{Text: login},
			{Body: stateTag(p, row)},
			{Text: moment(p, row.SeenAt), Faint: true},
		}})
	}
	return t
}

func (v peopleView) invitations(p web.P) ui.Table {
	t := ui.Table{Caption: p.T("account.people.waiting"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("account.form.name")},
		{Label: p.T("account.form.login")},
		{Label: p.T("account.col.roles")},
		{Label: p.T("account.col.by")},
		{Label: p.T("account.col.ends")},
		{Label: p.T("account.col.act")},
	}}
	for _, i := range v.waiting {
		ends := day(p, i.EndsAt)
		if i.expired {
			ends = p.T("account.invitation.state.expired")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i.Name},
			{Text: i.Login},
			{Text: p.T("account.grant.line", "role", i.role, "over", i.over)},
			{Text: i.by},
			{Text: ends},
			{Body: withdrawButton(p, i)},
		}})
	}
	return t
}

func (v personView) facts(p web.P) []ui.Fact {
	phone := v.person.Phone
	if phone != "" && v.person.PhoneSeenAt == 0 {
		phone = p.T("account.fact.phone_unchecked", "phone", phone)
	}
	factor := p.T("account.fact.factor.off")
	if v.person.FactorAt > 0 {
		factor = p.T("account.fact.factor.since", "date", day(p, v.person.FactorAt))
	}
	return []ui.Fact{
		{Label: p.T("account.col.state"), Value: p.T("account.person.state." + string(v.person.Status))},
		{Label: p.T("account.form.phone"), Value: phone},
		{Label: p.T("account.form.email"), Value: v.person.Email},
		{Label: p.T("account.form.region"), Value: v.place},
		{Label: p.T("account.fact.factor"), Value: factor},
		{Label: p.T("account.fact.since"), Value: day(p, v.person.CreatedAt)},
	}
}

func (v personView) table(p web.P) ui.Table {
	t := ui.Table{Caption: p.T("account.person.grants"), Hidden: true, Stack: true, Head: []ui.Col{
		{Label: p.T("account.form.role")},
		{Label: p.T("account.col.over")},
		{Label: p.T("account.col.from")},
		{Label: p.T("account.col.to")},
		{Label: p.T("account.col.act")},
	}}
	for _, g := range v.grants {
		row := ui.Row{Cells: []ui.Cell{{Text: g.Role}, {Text: g.Over}, {Text: day(p, g.FromAt)}, {Text: g.ending(p)}, {}}}
		if v.ends(g.GrantRow) {
			row.Cells[4].Body = endGrantButton(p, v.person.ID, g)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ending says when a grant ended, or will.
func (g grantLine) ending(p web.P) string {
	switch {
	case g.EndedAt > 0:
		return p.T("account.grant.was_ended", "date", day(p, g.EndedAt))
	case g.ToAt > 0 && time.UnixMilli(g.ToAt).Before(p.Now):
		return p.T("account.grant.was_ended", "date", day(p, g.ToAt))
	case g.ToAt > 0:
		return day(p, g.ToAt)
	}
	return p.T("account.grant.open")
}

// weight makes the button inside a dialog as heavy as what it does.
func weight(do authz.Permission) ui.Kind {
	if do == account.Enable {
		return ui.Main
	}
	return ui.Danger
}
