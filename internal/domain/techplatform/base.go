package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

const baseColumns = `b.id, b.name, b.region, b.industry, b.since, b.ended, b.about, b.version, b.updated_at,
	(SELECT COUNT(*) FROM techplatform_link l WHERE l.base_id = b.id) AS platforms`

type baseRow struct {
	ID        string      `db:"id"`
	Name      string      `db:"name"`
	Region    region.Code `db:"region"`
	Industry  string      `db:"industry"`
	Since     string      `db:"since"`
	Ended     string      `db:"ended"`
	About     string      `db:"about"`
	Version   int         `db:"version"`
	UpdatedAt int64       `db:"updated_at"`
	Platforms int         `db:"platforms"`
}

func (r *baseRow) base() Base {
	return Base{
		ID: BaseID(r.ID), Name: r.Name, Region: r.Region, Industry: r.Industry, Since: r.Since, Ended: r.Ended, About: r.About,
		Platforms: r.Platforms, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

// oneBase is the base if the scope reaches it, else NotFound.
func oneBase(ctx context.Context, r db.Reader, s authz.Scope, id BaseID) (Base, error) {
	where, args := s.SQL(authz.Columns{Region: "b.region"})
	var got baseRow
	err := r.Get(ctx, &got, `SELECT `+baseColumns+` FROM techplatform_base b WHERE b.id = ? AND `+where, append([]any{string(id)}, args...)...)
	return got.base(), err
}

// mostBases is how many a list shows: a city plans twenty.
const mostBases = 500

// Bases are the specialty industry bases of a place, by region and name, those
// that ended too; they are public.
func (s *Service) Bases(ctx context.Context, at region.Code) ([]Base, error) {
	where, args := authz.Unbounded("bases are public").SQLWithin(at, authz.Columns{Region: "b.region"})
	var rows []baseRow
	err := s.db.Select(ctx, &rows, `SELECT `+baseColumns+` FROM techplatform_base b WHERE `+where+` ORDER BY b.region, b.name, b.id LIMIT ?`,
		append(args, mostBases)...)
	all := make([]Base, len(rows))
	for i := range rows {
		all[i] = rows[i].base()
	}
	return all, err
}

// Base is one base with the platforms that serve it; bases are public.
func (s *Service) Base(ctx context.Context, id BaseID) (Base, []Link, error) {
	b, err := oneBase(ctx, s.db, authz.Unbounded("bases are public"), id)
	if err != nil {
		return Base{}, nil, err
	}
	all, err := links(ctx, s.db, `l.base_id = ?`, string(id))
	return b, all, err
}

// AddBase enters a base (规划特色产业基地). once is the request's idempotency key.
func (s *Service) AddBase(ctx context.Context, by authz.Actor, b Base, once string) (Base, error) {
	if err := b.check(s.today()); err != nil {
		return Base{}, err
	}
	b.ID, b.Version, b.Platforms = BaseID(db.NewID()), 1, 0
	c := gate.Change{
		By: by, Do: SetBase, On: b.Target(), Once: once, Record: gate.Record{Kind: BaseKind, ID: string(b.ID)},
		Detail: map[string]any{"name": b.Name},
	}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		b.UpdatedAt = tx.Now
		if _, err := tx.Exec(ctx, `INSERT INTO techplatform_base (id, name, region, industry, since, ended, about, version, updated_at)
			VALUES (?,?,?,?,?,?,?,?,?)`,
			string(b.ID), b.Name, string(b.Region), b.Industry, b.Since, b.Ended, b.About, b.Version, db.Millis(tx.Now)); err != nil {
			return err
		}
		return s.restateBase(ctx, tx, &b)
	})
	if id, again := gate.Again(err); again {
		return oneBase(ctx, s.db, by.Scope(SetBase), BaseID(id))
	}
	return b, err
}

func updateBase(ctx context.Context, tx *db.Tx, b *Base) error {
	b.Version, b.UpdatedAt = b.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform_base SET name = ?, industry = ?, since = ?, ended = ?, about = ?, version = ?, updated_at = ?
		WHERE id = ? AND version = ?`, b.Name, b.Industry, b.Since, b.Ended, b.About, b.Version, db.Millis(tx.Now), string(b.ID), b.Version-1)
}

func (s *Service) changeBase(ctx context.Context, by authz.Actor, id BaseID, version int, detail map[string]any,
	check func(*Base) error, fn func(ctx context.Context, tx *db.Tx, b *Base) error,
) (Base, error) {
	c := gate.Change{By: by, Do: SetBase, Detail: detail}
	b, err := s.bases.Change(ctx, s.gate, &c, string(id), version, check, fn)
	if err != nil {
		return b, err
	}
	return oneBase(ctx, s.db, authz.Unbounded("what the actor has just changed"), id)
}

// EditBase changes a base, also from when to when it counts; its place stays.
func (s *Service) EditBase(ctx context.Context, by authz.Actor, id BaseID, version int, in Base) (Base, error) {
	return s.changeBase(ctx, by, id, version, nil, func(b *Base) error {
		in.Region = b.Region
		return in.check(s.today())
	}, func(ctx context.Context, tx *db.Tx, b *Base) error {
		b.Name, b.Industry, b.Since, b.Ended, b.About = in.Name, in.Industry, in.Since, in.Ended, in.About
		return s.restateBase(ctx, tx, b)
	})
}

// LinkPlatform says what a platform does for a base, or with no functions that it
// no longer does anything. A platform that is not on the list is Invalid.
func (s *Service) LinkPlatform(ctx context.Context, by authz.Actor, id BaseID, version int, l Link) (Base, error) {
	l.Base = id
	return s.changeBase(ctx, by, id, version, map[string]any{"platform": l.Platform, "functions": l.Functions},
		func(*Base) error { return l.check() },
		func(ctx context.Context, tx *db.Tx, _ *Base) error {
			if len(l.Functions) == 0 {
				_, err := tx.Exec(ctx, `DELETE FROM techplatform_link WHERE base_id = ? AND platform_id = ?`, string(id), string(l.Platform))
				return err
			}
			return putLink(ctx, tx, &l)
		})
}

func putLink(ctx context.Context, tx *db.Tx, l *Link) error {
	n, err := tx.Exec(ctx, `INSERT INTO techplatform_link (base_id, platform_id, functions, since)
		SELECT ?, id, ?, ? FROM techplatform WHERE id = ? ON CONFLICT (base_id, platform_id) DO UPDATE SET functions = ?, since = ?`,
		string(l.Base), list(l.Functions), l.Since, string(l.Platform), list(l.Functions), l.Since)
	return db.Found(n, err)
}

// links are which platforms serve which bases, under a condition.
func links(ctx context.Context, r db.Reader, where string, args ...any) ([]Link, error) {
	var rows []struct {
		Base      BaseID `db:"base_id"`
		BaseName  string `db:"base_name"`
		Platform  ID     `db:"platform_id"`
		Name      string `db:"name"`
		Functions string `db:"functions"`
		Since     string `db:"since"`
	}
	err := r.Select(ctx, &rows, `SELECT l.base_id, b.name AS base_name, l.platform_id, p.name, l.functions, l.since FROM techplatform_link l
		JOIN techplatform p ON p.id = l.platform_id JOIN techplatform_base b ON b.id = l.base_id
		WHERE `+where+` ORDER BY b.name, p.name, p.id`, args...)
	all := make([]Link, len(rows))
	for i, l := range rows {
		all[i] = Link{l.Base, l.BaseName, l.Platform, l.Name, unlist[Function](l.Functions), l.Since}
	}
	return all, err
}
