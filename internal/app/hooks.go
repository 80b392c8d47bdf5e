package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// What would point upward between packages is connected here.

// holders are the people to tell of something that only they may do: of those
// who may because of a place, only the nearest, so that the city does not hear
// of what a county has in hand.
func (a *App) holders(ctx context.Context, r db.Reader, p authz.Permission, t authz.Target) ([]notify.Person, error) {
	refs, err := a.Account.Holders(ctx, r, p, t)
	if err != nil {
		return nil, err
	}
	var people []notify.Person
	for _, ref := range nearest(refs) {
		people = append(people, notify.Person{ID: ref.ID, Name: ref.Name, Email: ref.Email})
	}
	return people, nil
}

// nearest keeps, of people in the order of how near their grants lie, those of a
// party and those of the first place; not the places above it.
func nearest(refs []account.PersonRef) []account.PersonRef {
	first := region.None
	for i, ref := range refs {
		level := ref.Place.Level()
		if first != region.None && level < first {
			return refs[:i]
		}
		first = level
	}
	return refs
}

// holds reports whether a person is among those who may.
func (a *App) holds(ctx context.Context, r db.Reader, person string, p authz.Permission, t authz.Target) (bool, error) {
	refs, err := a.Account.Holders(ctx, r, p, t)
	return slices.ContainsFunc(refs, func(ref account.PersonRef) bool { return ref.ID == person }), err
}

// toTell is what notify must know of people.
func (a *App) toTell(ctx context.Context, r db.Reader, ids []string) ([]notify.Person, error) {
	refs, err := a.Account.Addressees(ctx, r, ids)
	people := make([]notify.Person, len(refs))
	for i, p := range refs {
		people[i] = notify.Person{ID: p.ID, Name: p.Name, Email: p.Email}
	}
	return people, err
}

func (a *App) tell(ctx context.Context, tx *db.Tx, person, key string, args ...any) error {
	return a.Notify.Tell(ctx, tx, []string{person}, notify.Message{Key: key, Args: args})
}

// mail sends account's own letters; whom they address and where they lead are
// among their parameters.
func (a *App) mail(ctx context.Context, tx *db.Tx, to, key string, args ...any) error {
	letter := notify.Letter{Email: to, Message: notify.Message{Key: key, Args: args}}
	for i := 0; i+1 < len(args); i += 2 {
		switch value, _ := args[i+1].(string); args[i] {
		case "name":
			letter.Name = value
		case "link":
			letter.Link = value
		}
	}
	return a.Notify.Post(ctx, tx, letter)
}

// places answers what indicator and yearbook ask of the tree.
type places struct{ territory *territory.Service }

// Below are the places right below another on a day.
func (p places) Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error) {
	children, err := p.territory.Children(ctx, of, string(on))
	if err != nil {
		return nil, err
	}
	codes := make([]region.Code, len(children))
	for i, c := range children {
		codes[i] = c.Code
	}
	return codes, nil
}

// HasKeyTowns reports whether any town was a key town on the day.
func (p places) HasKeyTowns(ctx context.Context, on ledger.Date) (bool, error) {
	tree, err := p.territory.Tree(ctx)
	return err == nil && tree.HasKeyTowns(string(on)), err
}

// both is what a place was called on a day, in Chinese and in the reader's
// language; what it is called now when the day is before its time.
func (p places) both(ctx context.Context, of region.Code, on ledger.Date, lang text.Lang) (chinese, name string, err error) {
	tree, err := p.territory.Tree(ctx)
	if err != nil {
		return "", "", err
	}
	if !tree.Known(of) {
		return "", "", fault.Missing()
	}
	chinese = tree.Name(of, string(on))
	return chinese, nameIn(tree, of, on, lang).Full, nil
}

// everyName finds what a place and the places above it within this installation are
// called today, in every language.
func (a *App) everyName(ctx context.Context) (func(region.Code) string, error) {
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	day := string(ledger.DateOf(a.DB.Now()))
	return func(code region.Code) string {
		var words []string
		for _, c := range code.Path() {
			if a.Place.Contains(c) && tree.Known(c) {
				words = append(words, tree.NameIn(c, day, false), tree.NameIn(c, day, true))
			}
		}
		return strings.Join(words, " ")
	}, nil
}

// heir is the code of today for a code of a day.
func (a *App) heir(code region.Code, on ledger.Date) region.Code {
	tree, err := a.Territory.Tree(context.Background())
	if err != nil {
		a.Log.Error("the tree of places could not be read", "error", err)
		return code
	}
	return tree.Heir(code, string(ledger.DateOf(a.DB.Now())))
}

func (a *App) enterpriseHooks() enterprise.Hooks {
	subject := authz.Enterprise
	return enterprise.Hooks{
		Files: a.Files,
		Post: func(ctx context.Context, tx *db.Tx, facts ...ledger.Fact) error {
			_, err := a.Ledger.Post(ctx, tx, facts...)
			return err
		},
		Granted: func(ctx context.Context, tx *db.Tx, person string, e enterprise.ID) error {
			_, err := a.Account.GrantParty(ctx, tx, authz.System("enterprise"), person, RoleOwner, authz.Party{Kind: subject, ID: string(e)})
			return err
		},
		Revoked: func(ctx context.Context, tx *db.Tx, person string, e enterprise.ID) error {
			return a.Account.RevokeParty(ctx, tx, authz.System("enterprise"), person, RoleOwner, authz.Party{Kind: subject, ID: string(e)})
		},
		Told: func(ctx context.Context, tx *db.Tx, n enterprise.News) error {
			return a.tell(ctx, tx, n.Person, n.Key, n.Args...)
		},
		Merged: func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
			return errors.Join(a.Ledger.Merge(ctx, tx, subject, string(from), string(to)), engagement.Rejoin(ctx, tx, from, to),
				park.Rejoin(ctx, tx, from, to), guarantee.Rejoin(ctx, tx, from, to),
				techplatform.Rejoin(ctx, tx, from, to))
		},
		Separated: func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
			return errors.Join(a.Ledger.Unmerge(ctx, tx, subject, string(from), string(to)), engagement.Rejoin(ctx, tx, from, to),
				park.Rejoin(ctx, tx, from, to), guarantee.Rejoin(ctx, tx, from, to),
				techplatform.Rejoin(ctx, tx, from, to))
		},
		RulesChanged: func(ctx context.Context, tx *db.Tx) error {
			return a.Jobs.Enqueue(ctx, tx, "enterprise.reclassify", struct{}{})
		},
		Place: func(ctx context.Context, _ db.Reader, town region.Code) error {
			tree, err := a.Territory.Tree(ctx)
			if err != nil {
				return err
			}
			if _, ok := tree.Place(town, string(ledger.DateOf(a.DB.Now()))); !ok {
				return fault.Fields{{Name: "region", Key: "field.choice"}}.Err()
			}
			return nil
		},
	}
}

// needNews brings the news of needs to inboxes.
type needNews struct{ a *App }

func (n needNews) message(m engagement.Message) notify.Message {
	out := notify.Message{Key: m.Key, Args: m.Args}
	if m.Record.Kind == engagement.Kind {
		out.Link = "/needs/" + m.Record.ID
	}
	return out
}

func (n needNews) Tell(ctx context.Context, tx *db.Tx, m engagement.Message, persons ...string) error {
	return n.a.Notify.Tell(ctx, tx, persons, n.message(m))
}

func (n needNews) TellHolders(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m engagement.Message) error {
	return n.a.Notify.TellHolders(ctx, tx, right, over, n.message(m))
}

// parkHooks are what parks ask of the rest of the program.
func (a *App) parkHooks() park.Hooks {
	return park.Hooks{
		Home:  a.Place,
		Files: a.Files,
		Award: func(ctx context.Context, tx *db.Tx, c gate.Change, p *park.Park, t park.Term) ([]park.Term, error) {
			all, err := a.Recognition.Record(ctx, tx, c, parkAward(p, t))
			return parkTerms(all), err
		},
		Revoke: func(ctx context.Context, tx *db.Tx, c gate.Change, p *park.Park, g park.Grade, day, reason string) ([]park.Term, error) {
			all, err := a.Recognition.TakeBack(ctx, tx, c, parkAward(p, park.Term{Grade: g}), day, reason)
			return parkTerms(all), err
		},
		Told: func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, n park.News) error {
			return a.Notify.TellHolders(ctx, tx, right, over, notify.Message{Key: n.Key, Args: n.Args, Link: "/space/" + n.Wish})
		},
	}
}

// techHooks are what technology platforms ask of the rest of the program.
func (a *App) techHooks() techplatform.Hooks {
	return techplatform.Hooks{
		Home: a.Place, Files: a.Files, Industry: a.Enterprise.Industry, Award: a.platformAward,
		Settled: func(ctx context.Context, r db.Reader, place region.Code, year int) (bool, error) {
			return a.Indicator.Closed(ctx, r, place, year)
		},
		Tell: func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m techplatform.Message) error {
			link := "/orders/" + m.Record.ID
			switch m.Record.Kind {
			case techplatform.NoticeKind:
				link = "/technology/" + m.Record.ID
			case techplatform.IntroKind:
				link = "/introductions/" + m.Record.ID
			case techplatform.ProductKind:
				link = "/products/" + m.Record.ID
			case techplatform.PlatformKind:
				link = "/platforms/" + m.Record.ID + "/manage"
			}
			return a.Notify.TellHolders(ctx, tx, right, over, notify.Message{Key: m.Key, Args: m.Args, Link: link})
		},
	}
}

// guaranteeHooks are what guarantees ask of the rest of the program.
func (a *App) guaranteeHooks() guarantee.Hooks {
	return guarantee.Hooks{
		Tree: a.Territory.Tree,
		Tell: func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m guarantee.Message) error {
			link := "/guarantees/" + m.Record.ID
			switch m.Record.Kind {
			case guarantee.NeedKind:
				link = "/financing/" + m.Record.ID
			case guarantee.GuarantorKind:
				link = "/guarantors/" + m.Record.ID + "/manage"
			}
			return a.Notify.TellHolders(ctx, tx, right, over, notify.Message{Key: m.Key, Args: m.Args, Link: link})
		},
	}
}
