package portal

import (
	"net/http"

	"qiban.dev/qiban/internal/web"
)

// prose is a page of plain words: a title and parts, each with a heading.
type prose struct {
	Title string
	Lead  string
	Parts []part
}

type part struct{ Heading, Text string }

// words makes the page of an area from the names of its parts.
func words(p web.P, area string, names ...string) prose {
	v := prose{Title: p.T("portal." + area), Lead: p.T("portal." + area + ".lead")}
	for _, n := range names {
		v.Parts = append(v.Parts, part{p.T("portal." + area + "." + n), p.T("portal." + area + "." + n + ".text")})
	}
	return v
}

// help is how the site is used (使用帮助).
func (s *Pages) help(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	return s.Kit.Page(w, r, http.StatusOK, prosePage(p, words(p, "help", "ask", "account", "register", "progress", "draft", "phone")))
}

// accessibility is how the site can be used by everybody (无障碍说明).
func (s *Pages) accessibility(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	return s.Kit.Page(w, r, http.StatusOK, prosePage(p, words(p, "accessibility", "keyboard", "reader", "sight", "script", "gaps", "tell")))
}

// privacy is what is kept about people, why, and what they can do (隐私说明).
func (s *Pages) privacy(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	return s.Kit.Page(w, r, http.StatusOK, prosePage(p, words(p, "privacy", "account", "enterprise", "need", "trail", "cookies", "share", "long", "rights", "ask")))
}

// section is a part of the definitions.
type section struct {
	Name string
	List []Definition
}

// definitions say what every published figure counts (数据口径).
func (s *Pages) definitions(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	var sections []section
	if s.Definitions != nil {
		all, err := s.Definitions(r.Context(), p.Lang)
		if err != nil {
			return err
		}
		for _, d := range all {
			if n := len(sections); n == 0 || sections[n-1].Name != d.Section {
				sections = append(sections, section{Name: d.Section})
			}
			last := &sections[len(sections)-1]
			last.List = append(last.List, d)
		}
	}
	return s.Kit.Page(w, r, http.StatusOK, definitionsPage(p, sections))
}
