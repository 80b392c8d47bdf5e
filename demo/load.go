package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// World is what the loader works on: the program's services.
type World struct {
	Account          *account.Service
	Territory        *territory.Service
	Enterprise       *enterprise.Service
	Institution      *institution.Service
	Engagement       *engagement.Service   // without hooks: nobody is to be told today of what happened in 2008
	Today            *engagement.Service   // with hooks, for what is open today
	Technology       *techplatform.Service // without hooks, and with them for what is open today
	TechToday        *techplatform.Service
	Park             *park.Service        // without hooks, too
	Guarantee        *guarantee.Service   // that tells nobody
	Guarantees       *guarantee.Service   // of today
	Recognition      *recognition.Service // that tells nobody
	RecognitionToday *recognition.Service
	Indicator        *indicator.Service
	Ledger           *ledger.Ledger
	Flow             *flow.Service
	Files            *files.Service // of the store that the program serves from
	// Clock sets the program's clock; nil gives it back the system's.
	Clock func(func() time.Time)
	// Self is what everybody may do for themselves.
	Self []authz.Permission
	// Now is the day of loading.
	Now time.Time
	// Move gives all records that lie exactly at from their code of today.
	Move func(ctx context.Context, from, to region.Code) error
	// Say tells how far the loading is.
	Say func(words string)
}

// The names of the roles the loader grants; they are the program's.
const (
	roleStaff       = "centre-staff"
	roleOfficial    = "official"
	roleOwner       = "owner"
	roleInstitution = "institution-owner"
)

// Password is that of every demonstration account that can sign in.
const Password = "Hezuo-2008" //nolint:gosec // printed at every start, for synthetic people only

// SignIn is one demonstration account that people can try.
type SignIn struct{ Who, Phone string }

// SignIns are the accounts that can sign in, with Password.
func SignIns() []SignIn {
	var list []SignIn
	for _, p := range cast() {
		list = append(list, SignIn{p.who, p.phone})
	}
	return list
}

// loader is one run: seeded, so that every loading makes the same year.
type loader struct {
	World
	rng  *rand.Rand
	tree *territory.Tree

	calendar *flow.Calendar
	roles    map[string]authz.Role

	staff     map[region.Code]authz.Actor // by office of 2008
	official  authz.Actor
	providers map[region.Code]map[institution.Theme]*provider
	firms     map[region.Code][]*firm
	others    map[region.Code][]*firm // without an account
	sites     []*site
	towns     map[region.Code][]territory.Place
	founders  phones
	labs      []*lab
	experts   []authz.Actor // who review

	guarantors []*backer
	banks      map[region.Code]*provider // by office
	direct     map[region.Code][]*firm   // by office, who is in no pool
	time       time.Time                 // what the clock was set to last
}

// The loader's own right is to make accounts and grants.
func maker() authz.Actor { return authz.System("demonstration", account.Create, account.Give) }

// Load makes the demonstration year in an empty database.
func Load(ctx context.Context, w World) error {
	defer w.Clock(nil)
	l := &loader{
		World: w, rng: rand.New(rand.NewPCG(2008, 320900)), //nolint:gosec // the same year every time
		roles: map[string]authz.Role{}, staff: map[region.Code]authz.Actor{},
		providers: map[region.Code]map[institution.Theme]*provider{},
		firms:     map[region.Code][]*firm{}, others: map[region.Code][]*firm{}, towns: map[region.Code][]territory.Place{}, founders: phones{next: 300_000},
	}
	roles, err := w.Account.Roles(ctx)
	if err != nil {
		return err
	}
	for _, r := range roles {
		l.roles[r.Name] = r.Role
	}
	l.roles[account.Self] = authz.Role{Name: account.Self, Permissions: w.Self}
	if l.tree, err = w.Territory.Tree(ctx); err != nil {
		return err
	}
	if l.calendar, err = w.Flow.Calendar(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		words string
		run   func(context.Context) error
	}{
		{"people and offices", l.people},
		{"institutions", l.institutions},
		{"enterprises", l.enterprises},
		{"the rest of the register", l.register},
		{"plans of the key towns", l.plans},
		{"parks", l.parks},
		{"tenants of parks", l.tenants},
		{"recognition of 2008", l.recognition},
		{"technology platforms", l.technology},
		{"patents", l.patents},
		{"new products of 2007 and 2008", l.products},
		{"guarantors and pools", l.guaranteeBooks},
		{"guarantees of 2007 and 2008", l.guarantees},
		{"targets and returns", l.statistics},
		{"the needs of 2008", l.needs},
		{"places of today", l.recode},
		{"open needs of today", l.open},
		{"open orders of today", l.orders},
		{"services that platforms entered today", l.said},
		{"technology needs and offers of today", l.market},
		{"new products of today", l.openProducts},
		{"open guarantees of today", l.openGuarantees},
		{"recognition today", l.openRecognition},
		{"roll-ups", l.roll},
	} {
		w.Say(step.words)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("demonstration, %s: %w", step.words, err)
		}
	}
	return nil
}

// at sets the program's clock.
func (l *loader) at(t time.Time) {
	l.time = t
	l.Clock(func() time.Time { return t })
}

func (l *loader) now() time.Time { return l.time }

// on is an hour of a day in China.
func on(day string, hour, minute int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, ledger.Shanghai)
	if err != nil {
		panic(err) // the days are written in this package
	}
	return t.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// ago is an hour of the working day so many before the day of loading.
func (l *loader) ago(days int) time.Time {
	if days == 0 {
		return l.Now
	}
	return on(l.calendar.Add(flow.DayOf(l.Now), -days), 9, 30)
}

// later is the same hour so many working days after the time of the clock.
func (l *loader) later(days int) time.Time {
	now := l.now().In(ledger.Shanghai)
	return on(l.calendar.Add(flow.DayOf(now), days), now.Hour(), now.Minute())
}

// actor is somebody with a role, as a session would resolve them.
func (l *loader) actor(id, name, role string, over region.Code, party authz.Party) authz.Actor {
	return authz.Actor{
		Kind: authz.Human, ID: id, Name: name,
		Grants: []authz.Grant{{Role: l.roles[role], Region: over, Party: party}},
	}
}

// recode carries every record of a place that has since been re-coded to its
// code of today; the facts keep the code of their day.
func (l *loader) recode(ctx context.Context) error {
	l.at(l.Now)
	today := string(ledger.DateOf(l.Now))
	then := l.tree.Under(City, region.Town, "2008-12-31")
	then = append(then, l.tree.Under(City, region.County, "2008-12-31")...)
	for _, p := range then {
		if _, still := l.tree.Place(p.Code, today); still {
			continue
		}
		if heir := l.tree.Heir(p.Code, today); heir != p.Code && heir != "" {
			if err := l.Move(ctx, p.Code, heir); err != nil {
				return err
			}
		}
	}
	return nil
}

// roll moves everything into the roll-ups, so that the first page is quick.
func (l *loader) roll(ctx context.Context) error {
	for {
		n, err := l.Ledger.Roll(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}
