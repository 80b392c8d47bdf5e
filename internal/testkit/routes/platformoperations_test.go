package routes_test

import (
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// platformOperations are the operations of technology platforms.
func platformOperations() map[string]map[string][]ask {
	p, b, delivered := platform(), base(), orderIn(techplatform.Delivered)
	work := record{"techplatform_work", made(func(r *world.Records) string { return r.Platforms.Work }), techplatform.See, run}
	said := saidWork()
	profile := func(w *world.World) any {
		return object{
			"name": "射阳县纺织平台", "kind": "common", "institution": w.At[world.Own.Name].Institution, "industry": "纺织", "region": world.Own.Over, "founded": "2010-01-01",
		}
	}
	service, machine := object{"kind": "professional", "name": "色牢度检测", "unit": "次"}, object{"name": "测色仪", "opens": "09:00", "closes": "17:00"}
	ground := object{"name": "射阳县家纺基地", "industry": "家纺", "region": world.Own.Over, "since": "2020-01-01"}
	part := func(do authz.Permission, body any) []ask {
		a := ask{who: p.does(do, run), path: instrumentOf(p), match: p.now()}
		if body != nil {
			a.body = func(*world.World) any { return body }
		}
		return []ask{a}
	}
	publicly := func(body func(*world.World) any) []ask {
		return []ask{{who: over(techplatform.SetBase, county), path: b.path(), match: b.now(), body: body}}
	}
	write := map[string][]ask{
		"POST /platforms":               {{who: over(techplatform.Register, county), body: profile}},
		"PUT /platforms/{id}":           {{who: p.does(techplatform.Edit, run), path: p.path(), match: p.now(), body: profile}},
		"PUT /platforms/{id}/founders":  p.call(techplatform.Edit, run, object{"founders": []object{}}),
		"POST /platforms/{id}/publish":  p.call(techplatform.Publish, run, nil),
		"POST /platforms/{id}/hide":     p.call(techplatform.Publish, run, nil),
		"POST /platforms/{id}/end":      p.call(techplatform.End, run, object{"day": "2026-01-31", "reason": "已经停办"}),
		"POST /platforms/{id}/level":    p.call(techplatform.SetLevel, judges, object{"level": "city", "from": "2026-01-01", "document": "某号文件"}),
		"POST /platforms/{id}/services": p.call(techplatform.SetService, run, service), "PUT /platforms/{id}/services/{service}": part(techplatform.SetService, service),
		"POST /platforms/{id}/instruments":                p.call(techplatform.SetInstrument, run, machine),
		"PUT /platforms/{id}/instruments/{instrument}":    part(techplatform.SetInstrument, machine),
		"POST /platforms/{id}/bookings/{booking}/release": part(techplatform.Block, nil),
		"POST /platforms/{id}/bookings": {{who: p.does(techplatform.Block, run), path: p.path(), match: p.now(), body: func(w *world.World) any {
			return object{"instrument": w.At[world.Own.Name].Platforms.Instrument, "day": flow.AddDays(today(w), 4), "from": "09:00", "to": "10:00", "note": "停机维护"}
		}}},
		"POST /platform-works": {{who: p.does(techplatform.RecordWork, run), body: func(w *world.World) any {
			return object{"platform": p.id(w), "kind": "professional", "on": today(w), "title": "棉纱检测", "enterprises": []any{w.At[world.Own.Name].Enterprise}}
		}}},
		"POST /platform-works/{id}/confirm":  said.call(techplatform.ConfirmWork, county, nil),
		"POST /platform-works/{id}/return":   said.call(techplatform.ReturnWork, county, object{"reason": "缺检测报告"}),
		"POST /platform-works/{id}/withdraw": work.call(techplatform.TakeBackWork, run, object{"reason": "登记错了"}),
		"POST /platform-orders": {{who: over(techplatform.Place, asker), body: func(w *world.World) any {
			r := w.At[world.Own.Name]
			return object{"platform": r.Platforms.Platform, "enterprise": r.Enterprise, "service": r.Platforms.Service, "title": "棉纱检测", "text": "出厂前要做强力检测。"}
		}}},
		"POST /industry-bases":     {{who: over(techplatform.SetBase, county), body: sent(ground)}},
		"PUT /industry-bases/{id}": publicly(sent(ground)),
		"POST /industry-bases/{id}/platforms": publicly(func(w *world.World) any {
			return object{"platform": p.id(w), "functions": []string{"testing"}, "since": "2020-01-01"}
		}),
	}
	for _, s := range orderSteps() {
		write["POST /platform-orders/{id}/"+s.call] = orderIn(s.state).call(s.do, s.on, s.body)
	}
	party := func(kind, id string) object { return object{"kind": kind, "id": id} }
	for path, steps := range map[string][]noticeStep{"/technology-notices/{id}": noticeSteps(), "/introductions/{id}": introSteps(), "/new-products/{id}": productSteps()} {
		for _, s := range steps {
			op := "POST " + path + "/" + s.name
			if s.name == "revise" {
				op = "PUT " + path
			}
			write[op] = append(write[op], s.of.call(s.do, s.on, s.body)...)
		}
	}
	x := patent()
	x.see = techplatform.SeePatent
	named := object{"number": "200820123456.7", "title": "一种棉纱分梳辊", "applied": "2008-03-03"}
	write["PUT /patents/{id}"] = x.call(techplatform.KeepPatent, x.seen, named)
	write["POST /patents/{id}/uses"] = x.call(techplatform.KeepPatent, x.seen, object{"year": 2011, "way": "own", "what": "分梳辊", "revenue": 10_000})
	write["POST /patents/{id}/uses/{use}/drop"] = []ask{{who: x.does(techplatform.KeepPatent, x.seen), match: x.now(), path: func(w *world.World) map[string]string {
		m := x.path()(w)
		m["use"] = w.At[world.Own.Name].Platforms.Use
		return m
	}}}
	write["POST /patents"] = []ask{{who: over(techplatform.KeepPatent, x.seen), body: func(w *world.World) any {
		return object{"enterprise": w.At[world.Own.Name].Enterprise, "number": "200810243210.8", "title": "一种棉纱在线检测法", "applied": "2008-09-01"}
	}}}
	write["POST /new-products/{id}/confirm"][0].body = func(w *world.World) any {
		return object{"grade": "nation-leading", "certificate": "某鉴字 2 号", "on": today(w)}
	}
	write["POST /new-products"] = []ask{{who: over(techplatform.ApplyProduct, asker), own: application}}
	write["PUT /product-grades"] = []ask{{who: over(techplatform.SetGrade, judges), body: sent(object{"name": "填补空白", "english": "First of its kind", "position": 5})}}
	write["POST /technology-notices"] = []ask{{who: over(techplatform.SubmitNotice, asker), body: func(w *world.World) any {
		body := wantedNow()
		body["side"], body["party"] = "need", party("enterprise", string(w.At[world.Own.Name].Enterprise))
		return body
	}}}
	write["POST /introductions"] = []ask{{who: over(techplatform.Express, helper), body: func(w *world.World) any {
		own := w.At[world.Own.Name]
		return object{
			"notice": own.Platforms.Notices[techplatform.Shown], "party": party("institution", string(own.Institution)), "words": "我们可以提供", "contact": "刘工 0515-88160000",
		}
	}}}
	write["POST /introductions/{id}/agree"][0].body = func(w *world.World) any { return object{"on": today(w)} }
	write["POST /platform-orders/{id}/deliver"][0].body = func(w *world.World) any {
		return object{"on": today(w), "report": "强力合格，详见报告。"}
	}
	return map[string]map[string][]ask{
		open: {
			"GET /published/platforms": {{who: anyone}}, "GET /published/platforms/{id}": {{who: anyone, path: p.path()}},
			"GET /published/platforms/{id}/instruments/{instrument}": {{who: anyone, path: instrumentOf(p)}},
			"GET /published/patents":                                 {{who: anyone}}, "GET /published/patents/{id}": {{who: anyone, path: x.path()}},
			"GET /published/products": {{who: anyone}}, "GET /published/products/{id}": {{who: anyone, path: productIn(techplatform.ProductConfirmed).path()}}, "GET /product-grades": {{who: anyone}},
			"GET /published/technology": {{who: anyone}}, "GET /published/technology/{id}": {{who: anyone, path: noticeIn(techplatform.Shown).path()}},
			"GET /industry-bases": {{who: anyone}}, "GET /industry-bases/{id}": {{who: anyone, path: b.path()}},
		},
		"platform:read": {
			"GET /platforms": {{who: signedIn}}, "GET /platforms/{id}": {{who: p.look(), path: p.path()}},
			"GET /platforms/{id}/bookings": {{who: p.look(), path: p.path(), query: func(w *world.World) string { return "from=" + today(w) }}},
			"GET /platform-works":          {{who: signedIn}}, "GET /platform-works/{id}": {{who: work.look(), path: work.path()}},
			"GET /patents": {{who: signedIn}}, "GET /patents/{id}": {{who: x.look(), path: x.path()}},
			"GET /new-products": {{who: signedIn}}, "GET /new-products/{id}": {{who: productIn(techplatform.ProductApplied).look(), path: productIn(techplatform.ProductApplied).path()}},
			"GET /new-products/{id}/files/{file}": {{who: productIn(techplatform.ProductApplied).look(), path: paper(productIn(techplatform.ProductApplied).path(), techplatform.ProductKind)}},
			"GET /technology-notices":             {{who: signedIn}}, "GET /technology-notices/{id}": {{who: noticeIn(techplatform.Checked).look(), path: noticeIn(techplatform.Checked).path()}},
			"GET /introductions": {{who: signedIn}}, "GET /introductions/{id}": {{who: introIn(techplatform.Agreed).look(), path: introIn(techplatform.Agreed).path()}},
			"GET /platform-orders": {{who: signedIn}}, "GET /platform-orders/{id}": {{who: delivered.look(), path: delivered.path()}},
			"GET /platform-orders/{id}/files/{file}": {{who: delivered.look(), path: paper(delivered.path(), techplatform.OrderKind)}},
		},
		"platform:write": write,
	}
}

// application is one of a new product, with a paper of evidence of whoever asks.
func application(t *trial, p world.Person) any {
	body, token := newProduct(), ""
	if p.Actor.SignedIn() {
		held, err := t.w.Files.Hold(t.Context(), p.Actor, files.Incoming{Name: "report.pdf", Data: strings.NewReader("%PDF-1.4 report"), Form: "api"})
		if err != nil {
			t.Fatal(err)
		}
		token = held.Token
	}
	body["enterprise"], body["files"] = t.w.At[world.Own.Name].Enterprise, []string{token}
	return body
}
