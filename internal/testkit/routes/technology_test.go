package routes_test

import (
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// The own county's institution runs a platform there; its enterprise orders.

func run(w *world.World) authz.Target { return union(county, helper)(w) }

func platform() record {
	return record{"techplatform", made(func(r *world.Records) string { return r.Platforms.Platform }), techplatform.See, run}
}

// saidWork is a piece of work that the platform's own people entered.
func saidWork() record {
	return record{"techplatform_work", made(func(r *world.Records) string { return r.Platforms.Said }), techplatform.See, run}
}

func orderIn(state flow.State) record {
	return record{
		"techplatform_order", in(state, func(r *world.Records) map[flow.State]string { return r.Platforms.Orders }), techplatform.SeeOrder, union(ours, asker, helper),
	}
}

func base() record {
	return record{"techplatform_base", made(func(r *world.Records) string { return r.Platforms.Base }), "", county}
}

func patent() record {
	return record{"techplatform_patent", made(func(r *world.Records) string { return r.Platforms.Patent }), "", union(ours, asker)}
}

// noticeIn is a technology need of the own enterprise.
func noticeIn(state flow.State) record {
	return record{
		"techplatform_notice", in(state, func(r *world.Records) map[flow.State]string { return r.Platforms.Notices }), techplatform.SeeNotice, union(ours, asker),
	}
}

// introIn is the own institution introduced to the enterprise.
func introIn(state flow.State) record {
	return record{
		"techplatform_intro", in(state, func(r *world.Records) map[flow.State]string { return r.Platforms.Intros }), techplatform.SeeIntro, union(ours, asker, helper),
	}
}

// noticeStep is a step of a notice or an introduction.
type noticeStep struct {
	name string
	do   authz.Permission
	of   record
	on   target
	body object
}

func wantedNow() object {
	return object{"title": "棉纱条干在线检测", "text": "希望能在线测量棉条的条干，超出范围就报警。", "industry": "C17", "contact": "王工 0515-82330000"}
}

func noticeSteps() []noticeStep {
	why := object{"reason": "指标没有写清楚"}
	return []noticeStep{
		{"check", techplatform.CheckNotice, noticeIn(techplatform.Submitted), ours, nil},
		{"publish", techplatform.PublishNotice, noticeIn(techplatform.Checked), judges, nil},
		{"return", techplatform.ReturnNotice, noticeIn(techplatform.Submitted), ours, why},
		{"return", techplatform.ReturnNotice, noticeIn(techplatform.Checked), judges, why},
		{"revise", techplatform.ReviseNotice, noticeIn(techplatform.Returned), asker, wantedNow()},
		{"withdraw", techplatform.RecallNotice, noticeIn(techplatform.Shown), asker, nil},
	}
}

func introSteps() []noticeStep {
	sides, why := union(asker, helper), object{"reason": "价格谈不拢"}
	return []noticeStep{
		{"agree", techplatform.AgreeIntro, introIn(techplatform.Introduced), sides, object{"on": "2026-01-05"}},
		{"confirm", techplatform.ConfirmIntro, introIn(techplatform.Claimed), asker, nil}, // the helper said so
		{"prove", techplatform.ProveIntro, introIn(techplatform.Claimed), ours, object{"proof": "技术合同登记 2026-001"}},
		{"end", techplatform.PartIntro, introIn(techplatform.Introduced), sides, why},
		{"undo", techplatform.UndoIntro, introIn(techplatform.Agreed), sides, why},
	}
}

// productIn is a new product of the own enterprise.
func productIn(state flow.State) record {
	return record{
		"techplatform_product", in(state, func(r *world.Records) map[flow.State]string { return r.Platforms.Products }), techplatform.SeeProduct, union(ours, asker),
	}
}

func newProduct() object {
	return object{"name": "断头自停细纱机", "industry": "C17", "about": "逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。"}
}

func productSteps() []noticeStep {
	why := object{"reason": "缺检测报告"}
	return []noticeStep{
		{"check", techplatform.CheckProduct, productIn(techplatform.ProductApplied), ours, nil},
		{"forward", techplatform.ForwardProduct, productIn(techplatform.ProductChecked), judges, nil},
		{"return", techplatform.ReturnProduct, productIn(techplatform.ProductApplied), ours, why},
		{"return", techplatform.ReturnProduct, productIn(techplatform.ProductForwarded), judges, why},
		{"confirm", techplatform.ConfirmProduct, productIn(techplatform.ProductForwarded), judges, object{"grade": "nation-leading", "certificate": "某鉴字 2 号", "on": "2026-01-05"}},
		{"refuse", techplatform.RefuseProduct, productIn(techplatform.ProductForwarded), judges, why},
		{"reopen", techplatform.ReopenProduct, productIn(techplatform.ProductRefused), judges, why},
		{"revise", techplatform.ReviseProduct, productIn(techplatform.ProductReturned), asker, newProduct()},
		{"withdraw", techplatform.DropProduct, productIn(techplatform.ProductApplied), asker, nil},
	}
}

func instrumentOf(r record) func(*world.World) map[string]string {
	return func(w *world.World) map[string]string {
		m := r.path()(w)
		m["instrument"], m["service"], m["booking"] = w.At[world.Own.Name].Platforms.Instrument, w.At[world.Own.Name].Platforms.Service, w.At[world.Own.Name].Platforms.Hold
		return m
	}
}

// orderStep is a step of an order, as its page and the API call it.
type orderStep struct {
	name, call string
	do         authz.Permission
	state      flow.State
	on         target
	body       object
}

func orderSteps() []orderStep {
	why := object{"reason": "情况有变化"}
	return []orderStep{
		{"accept", "accept", techplatform.Accept, techplatform.Placed, helper, nil},
		{"refuse", "refuse", techplatform.Refuse, techplatform.Placed, helper, why},
		{"withdraw", "withdraw", techplatform.Withdraw, techplatform.Placed, asker, why},
		// It has nothing booked: a conflict.
		{"rebook", "rebook", techplatform.Rebook, techplatform.Accepted, union(asker, helper), object{"day": "2026-12-01", "from": "09:00", "to": "10:00"}},
		{"deliver", "deliver", techplatform.Deliver, techplatform.Accepted, helper, nil},
		{"confirm", "confirm", techplatform.Confirm, techplatform.Delivered, asker, nil},
		{"dispute", "dispute", techplatform.Dispute, techplatform.Delivered, asker, why},
		{"rate", "rate", techplatform.Rate, techplatform.Confirmed, asker, object{"score": 5, "on_time": true}},
		{"take_back", "take-back", techplatform.TakeBack, techplatform.Confirmed, helper, why},
	}
}

// technology are the pages of technology platforms.
func technology() map[string][]ask {
	p, b, x := platform(), base(), patent()
	delivered := orderIn(techplatform.Delivered)
	profile := []string{"name", "射阳县纺织平台", "kind", "common", "institution", unfiled, "industry", "纺织", "region", string(world.Own.Over), "founded", "2020-01-01"}
	rows := map[string][]ask{
		"GET /platforms":      {{who: anyone}},
		"GET /platforms/{id}": {{who: anyone, path: p.path()}},

		"GET /platforms/{id}/instruments/{instrument}": {{who: anyone, path: instrumentOf(p)}},
		"GET /platforms/{id}/order":                    {{who: signedIn, path: p.path()}},

		"POST /platforms/{id}/order": {{who: over(techplatform.Place, asker), path: p.path(), form: func(w *world.World) url.Values {
			return url.Values{"enterprise": {string(w.At[world.Own.Name].Enterprise)}, "service": {w.At[world.Own.Name].Platforms.Service}, "title": {"棉纱检测"}, "text": {"出厂前要做强力检测。"}}
		}}},

		"GET /platforms/{id}/manage":      {{who: p.look(), path: p.path()}},
		"GET /industry-bases":             {{who: anyone}},
		"GET /industry-bases/{id}":        {{who: anyone, path: b.path()}},
		"GET /technology":                 {{who: anyone}},
		"GET /technology/new":             {{who: signedIn}},
		"GET /technology/{id}":            {{who: anyone, path: noticeIn(techplatform.Shown).path()}, {who: noticeIn(techplatform.Checked).look(), path: noticeIn(techplatform.Checked).path()}},
		"GET /products":                   {{who: anyone}},
		"GET /products/new":               {{who: signedIn}},
		"GET /products/{id}":              {{who: anyone, path: productIn(techplatform.ProductConfirmed).path()}, {who: productIn(techplatform.ProductApplied).look(), path: productIn(techplatform.ProductApplied).path()}},
		"GET /products/{id}/files/{file}": {{who: productIn(techplatform.ProductApplied).look(), path: paper(productIn(techplatform.ProductApplied).path(), techplatform.ProductKind)}},
		"GET /my/products":                {{who: signedIn}},
		"GET /bench/products":             {{who: desk(techplatform.SeeProduct)}},
		"POST /bench/products/grades":     {{who: over(techplatform.SetGrade, judges), form: fields("name", "填补空白", "english", "First of its kind", "position", "5")}},
		"GET /my/technology":              {{who: signedIn}},
		"GET /bench/technology":           {{who: desk(techplatform.SeeNotice)}},
		"GET /introductions/{id}":         {{who: introIn(techplatform.Agreed).look(), path: introIn(techplatform.Agreed).path()}},
		"GET /orders":                     {{who: signedIn}},
		"GET /orders/{id}":                {{who: delivered.look(), path: delivered.path()}},
		"GET /orders/{id}/files/{file}":   {{who: delivered.look(), path: paper(delivered.path(), techplatform.OrderKind)}},
		"GET /patents":                    {{who: anyone}},
		"GET /patents/{id}":               {{who: anyone, path: x.path()}},
		"GET /patents/new":                {{who: somewhere(techplatform.KeepPatent)}},
		"POST /patents/new":               {{who: somewhere(techplatform.KeepPatent), form: fields("number", "无")}},
		"GET /bench/patents":              {{who: desk(techplatform.SeePatent)}},
		"GET /bench/works":                {{who: desk(techplatform.See)}},
		"GET /bench/platforms":            {{who: desk(techplatform.See)}},
		"GET /bench/platforms/new":        {{who: desk(techplatform.Register)}},
		"POST /bench/platforms/new":       {{who: over(techplatform.Register, county), form: fields(profile...)}},
		"GET /bench/industry-bases/new":   {{who: desk(techplatform.SetBase)}},
		"POST /bench/industry-bases/new":  {{who: over(techplatform.SetBase, county), form: fields("name", "射阳县家纺基地", "industry", "家纺", "region", string(world.Own.Over), "since", "2020-01-01")}},
	}
	for _, s := range []struct {
		name string
		do   authz.Permission
	}{
		{"edit", techplatform.Edit},
		{"founders", techplatform.Edit},
		{"publish", techplatform.Publish},
		{"hide", techplatform.Publish},
		{"end", techplatform.End},
		{"level", techplatform.SetLevel},
		{"service", techplatform.SetService},
		{"instrument", techplatform.SetInstrument},
		{"block", techplatform.Block},
		{"unblock", techplatform.Block},
		{"work", techplatform.RecordWork},
	} {
		on := run
		if s.do == techplatform.SetLevel { // no county raises its own
			on = judges
		}
		rows["POST /platforms/{id}/manage/{do}"] = append(rows["POST /platforms/{id}/manage/{do}"], named(p.page(s.name, s.do, on, append(profile,
			"day", "2026-01-31", "reason", "已经停办", "level", "city", "from", "2026-01-01", "document", "某号文件", "note", "停机维护", "on", "2026-01-05", "title", "检测", "unit", "次")...)))
	}
	said := saidWork()
	for _, s := range []struct {
		name string
		do   authz.Permission
		form func(*world.World) url.Values
	}{
		{"confirm", techplatform.ConfirmWork, func(w *world.World) url.Values { return url.Values{"id": {said.id(w)}} }},
		{"return", techplatform.ReturnWork, func(w *world.World) url.Values {
			return url.Values{"work": {said.id(w) + "." + said.now()(w)}, "reason": {"缺检测报告"}}
		}},
	} {
		rows["POST /bench/works/{do}"] = append(rows["POST /bench/works/{do}"], ask{who: said.does(s.do, county), path: fill("do", s.name), form: s.form})
	}
	rows["POST /technology/new"] = []ask{{who: over(techplatform.SubmitNotice, asker), form: func(w *world.World) url.Values {
		v := fields("side", "need")(w)
		for name, value := range wantedNow() {
			v.Set(name, value.(string))
		}
		v.Set("party", "enterprise:"+string(w.At[world.Own.Name].Enterprise))
		return v
	}}}
	answer := noticeIn(techplatform.Shown).page("answer", techplatform.Express, helper, "words", "我们可以提供", "contact", "刘工 0515-88160000")
	answer.who = over(techplatform.Express, helper)
	answer.form = func(form func(*world.World) url.Values) func(*world.World) url.Values {
		return func(w *world.World) url.Values {
			v := form(w)
			v.Set("party", "institution:"+string(w.At[world.Own.Name].Institution))
			return v
		}
	}(answer.form)
	rows["POST /technology/{id}/{do}"] = []ask{answer}
	rows["POST /products/new"] = []ask{{who: over(techplatform.ApplyProduct, asker), form: func(w *world.World) url.Values {
		v := url.Values{"enterprise": {string(w.At[world.Own.Name].Enterprise)}}
		for name, value := range newProduct() {
			v.Set(name, value.(string))
		}
		return v
	}}}
	for pattern, steps := range map[string][]noticeStep{
		"POST /technology/{id}/{do}": noticeSteps(), "POST /introductions/{id}/{do}": introSteps(), "POST /products/{id}/{do}": productSteps(),
	} {
		for _, s := range steps {
			var pairs []string
			for name, value := range s.body {
				pairs = append(pairs, name, value.(string))
			}
			rows[pattern] = append(rows[pattern], s.of.page(s.name, s.do, s.on, pairs...))
		}
	}
	for _, s := range orderSteps() {
		rows["POST /orders/{id}/{do}"] = append(rows["POST /orders/{id}/{do}"], orderIn(s.state).page(s.name, s.do, s.on,
			"reason", "情况有变化", "on", "2026-01-05", "report", "强力合格，详见报告。", "score", "5", "on_time", "yes"))
	}
	for _, name := range []string{"edit", "link"} {
		a := b.page(name, techplatform.SetBase, county, "name", "射阳县家纺基地", "industry", "家纺", "region", string(world.Own.Over), "since", "2020-01-01")
		a.who = over(techplatform.SetBase, county)
		rows["POST /industry-bases/{id}/{do}"] = append(rows["POST /industry-bases/{id}/{do}"], a)
	}
	for _, name := range []string{"edit", "use", "drop"} {
		a := x.page(name, techplatform.KeepPatent, x.seen, "number", "200820123456.7", "title", "一种棉纱分梳辊", "applied", "2008-03-03", "year", "2011", "way", "own", "what", "分梳辊", "revenue", "100")
		a = named(a)
		a.who = over(techplatform.KeepPatent, x.seen)
		rows["POST /patents/{id}/{do}"] = append(rows["POST /patents/{id}/{do}"], a)
	}
	return rows
}

// named adds the parts of the own records that a step may name.
func named(a ask) ask {
	form := a.form
	a.form = func(w *world.World) url.Values {
		v, r := form(w), w.At[world.Own.Name].Platforms
		v.Set("booking", r.Hold)
		v.Set("use", r.Use)
		return v
	}
	return a
}
