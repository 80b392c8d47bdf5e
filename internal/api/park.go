package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
)

// parks are the operations of SME parks (中小企业园): the parks with their
// buildings. Tenants and searches for space are in parktenant.go, plans in
// parkplan.go.
type parks struct {
	register *park.Service
	home     region.Code
}

const seeParks, writeParks = "park:read", "park:write"

func (s parks) operations() []operation {
	const one = "POST /parks/{id}/"
	all := []operation{
		lists("listPublishedParks", "/published/parks", words{"公开的园区", "Published parks"}, s.published).public(),
		gets("getPublishedPark", "/published/parks/{id}", words{"一个公开的园区", "One published park"}, s.showPublished).public(),
		opens("openPublishedPhoto", "/published/parks/{id}/photos/{file}", words{"园区的照片", "A photo of a park"}, s.openPhoto).public().
			note("公开的园区谁都能看；没有公开的用有权限的密钥看。", "Of a published park for anybody; of another with a key that may see it."),
		lists("listVacancies", "/published/vacancies", words{"空置厂房", "Vacant space"}, s.vacancies).public().
			note("面积最合适的在前。", "Those that fit best come first."),
		lists("listParks", "/parks", words{"园区", "Parks"}, s.list).needs(seeParks),
		creates("registerPark", "/parks", words{"登记园区", "Register a park"}, s.add, s.show).needs(writeParks).note("登记后还没有公开。", "It is not yet published."),
		gets("getPark", "/parks/{id}", words{"一个园区", "One park"}, s.show).needs(seeParks),
		changes("editPark", "PUT /parks/{id}", words{"修改园区", "Edit a park"}, s.edit, s.show).needs(writeParks).matched().
			note("没有写的项清空。", "What is left out is emptied."),
		changes("publishPark", one+"publish", words{"公开", "Publish"}, s.publish(true), s.show).needs(writeParks).matched(),
		changes("hidePark", one+"hide", words{"不再公开", "Take off the portal"}, s.publish(false), s.show).needs(writeParks).matched(),
		changes("endPark", one+"end", words{"撤销园区", "Take off the register"}, s.end, s.show).needs(writeParks).matched(),
		changes("gradePark", one+"grade", words{"登记别处认定的等级", "Note a grade given elsewhere"}, s.grade, s.show).needs(writeParks).matched().
			note("同时记入认定结果。在本系统认定的，走认定的申报、评审和公示。", "It is put on file among the titles. What is decided here goes by applications, reviews and publicity."),
		changes("ungradePark", one+"grade/end", words{"登记别处撤销的等级", "Note a grade taken away elsewhere"}, s.ungrade, s.show).needs(writeParks).matched().
			note("认定结果同时撤销。那一天没有这个等级是 409。", "The title ends with it. 409 when the park had none on that day."),
		changes("setParkPhotos", one+"photos", words{"添加或移除照片", "Bring photos, or take them off"}, s.photos, s.show).needs(writeParks).matched(),
		changes("addBuilding", one+"buildings", words{"新增楼栋", "Add a building"}, s.addBuilding, s.show).needs(writeParks),
		gets("getBuilding", "/park-buildings/{id}", words{"一栋楼", "One building"}, s.building).needs(seeParks),
		changes("editBuilding", "PUT /park-buildings/{id}", words{"修改楼栋", "Change a building"}, s.editBuilding, s.building).needs(writeParks).matched(),
		ends("removeBuilding", "POST /park-buildings/{id}/remove", words{"删除登记错的楼栋", "Remove a building entered by mistake"}, s.removeBuilding).
			needs(writeParks).matched().note("有企业用过或申请过的是 409。", "409 for one that enterprises used or applied for."),
	}
	return append(append(all, s.tenantOperations()...), s.planOperations()...)
}

// Works are the days of something that is built.
type Works struct {
	Planned string `json:"planned_on,omitempty" doc:"规划日期|Day it was planned"`
	Begun   string `json:"begun_on,omitempty" doc:"开工日期|Day it was begun"`
	Done    string `json:"done_on,omitempty" doc:"建成日期|Day it was done"`
}

// ParkProfile is what a park is.
type ParkProfile struct {
	Name       string   `json:"name" doc:"名称|Name"`
	Region     string   `json:"region" doc:"所在镇街的代码|Code of its town"`
	Developer  string   `json:"developer,omitempty" doc:"开发单位|Who builds it"`
	Operator   string   `json:"operator,omitempty" doc:"运营单位|Who runs it"`
	OperatorID string   `json:"operator_id,omitempty" doc:"运营单位是登记机构时的编号|Id of the operator when it is an institution of the register"`
	Land       int64    `json:"land,omitempty" doc:"占地，平方米；不知道时为 0|Land in square metres; 0 when not known"`
	Facilities []string `json:"facilities,omitempty" doc:"配套：water、power、gas、steam、sewage、road、broadband、canteen、testing、service|Facilities"`
	About      string   `json:"about,omitempty" doc:"简介|What it says of itself"`
	Address    string   `json:"address,omitempty" doc:"地址|Address"`
	Works
}

// Park is a park as of today (中小企业园).
type Park struct {
	ID string `json:"id" doc:"编号|Its id"`
	ParkProfile
	Stage     string `json:"stage" enum:"planned,building,done" doc:"阶段：规划、在建、投入使用|Planned, under construction or operating"`
	Grade     string `json:"grade" doc:"今天的等级，没有时为空|Grade today; empty for none"`
	Model     bool   `json:"model" doc:"今天是不是示范园|Whether it is a model park today"`
	Factory   int64  `json:"factory" doc:"建成的标准厂房，平方米|Completed standard factory in square metres"`
	Shared    int64  `json:"shared" doc:"建成的配套用房，平方米|Completed shared facilities in square metres"`
	Occupied  int64  `json:"occupied" doc:"已用，平方米|Occupied, in square metres"`
	Vacant    int64  `json:"vacant" doc:"空置，平方米|Vacant, in square metres"`
	Tenants   int    `json:"tenants" doc:"在园企业|Tenants today"`
	Published bool   `json:"published" doc:"是否公开|Whether it is shown on the portal"`
	Ended     string `json:"ended" doc:"从哪天起撤销，没有时为空|Off the register since; empty while on it"`
	UpdatedAt string `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func (s parks) of(p park.Park, day string) Park {
	return Park{
		ID: string(p.ID), Stage: string(p.Stage(day)), Grade: string(p.Grade), Model: p.Model, Factory: p.Factory, Shared: p.Shared,
		Occupied: p.Occupied, Vacant: p.Vacant(), Tenants: p.Tenants, Published: p.Published, Ended: p.Ended,
		UpdatedAt: instant(p.UpdatedAt), Version: p.Version,
		ParkProfile: ParkProfile{
			Name: p.Name, Region: string(p.Region), Developer: p.Developer, Operator: p.Operator, OperatorID: string(p.OperatorID),
			Land: p.Land, Facilities: plain(p.Facilities), About: p.About, Address: p.Address, Works: Works(p.Works),
		},
	}
}

// ParkDetail is a park with its buildings, grades and photos.
type ParkDetail struct {
	Park
	RunBy     string         `json:"run_by" doc:"谁运营|The name of who runs it"`
	Buildings []ParkBuilding `json:"buildings" doc:"楼栋|Its buildings"`
	Grades    []ParkGrade    `json:"grades" doc:"等级，从早到晚|Its grades, oldest first"`
	Photos    []File         `json:"photos" doc:"照片|Photos"`
}

// ParkBuilding is a building of a park (楼栋).
type ParkBuilding struct {
	ID   string `json:"id" doc:"编号|Its id"`
	Park string `json:"park" doc:"园区的编号|Id of the park"`
	BuildingBody
	Stage    string `json:"stage" enum:"planned,building,done" doc:"阶段：规划、在建、建成|Planned, under construction or completed"`
	Occupied int64  `json:"occupied" doc:"已用，平方米|Occupied, in square metres"`
	Vacant   int64  `json:"vacant" doc:"空置，平方米|Vacant, in square metres"`
	Version  int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

// BuildingBody is what is said of a building.
type BuildingBody struct {
	Name   string `json:"name" doc:"名称，园区里不重复|Name, once in a park"`
	Kind   string `json:"kind" enum:"factory_single,factory_multi,office,warehouse,dormitory" doc:"种类|Kind"`
	Floors int    `json:"floors" doc:"层数|Storeys"`
	Area   int64  `json:"area" doc:"建筑面积，平方米|Floor area in square metres"`
	Works
}

func buildingOf(h park.House, day string) ParkBuilding {
	return ParkBuilding{
		ID: h.ID, Park: string(h.Park), BuildingBody: BuildingBody{h.Name, string(h.Kind), h.Floors, h.Area, Works(h.Works)},
		Stage: string(h.Stage(day)), Occupied: h.Occupied, Vacant: h.Vacant(day), Version: h.Version,
	}
}

func (b BuildingBody) house() park.House {
	return park.House{Name: line(b.Name), Kind: park.Kind(b.Kind), Floors: b.Floors, Area: b.Area, Works: park.Works(b.Works)}
}

// ParkGrade is a grade for a span of days.
type ParkGrade struct {
	Grade    string `json:"grade" enum:"a,model" doc:"等级|Grade"`
	From     string `json:"from" doc:"从哪天起|First day"`
	To       string `json:"to" doc:"从哪天起不再有效，没有时为空|First day it no longer holds; empty while open"`
	Document string `json:"document" doc:"文件|The document"`
}

func (s parks) detail(d park.Detail, day string) ParkDetail {
	return ParkDetail{
		Park: s.of(d.Park, day), RunBy: d.RunBy, Photos: filesOf(d.Photos),
		Buildings: each(d.Buildings, func(h park.House) ParkBuilding { return buildingOf(h, day) }),
		Grades:    each(d.Terms, func(t park.Term) ParkGrade { return ParkGrade{string(t.Grade), t.From, t.To, t.Document} }),
	}
}

type parkFilter struct {
	paging
	Text   string `query:"text" maxLength:"100" doc:"名称的一部分|Part of its name"`
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Stage  string `query:"stage" enum:"planned,building,done" doc:"阶段|Stage"`
	Grade  string `query:"grade" enum:"a,model" doc:"等级|Grade"`
	Vacant bool   `query:"vacant" doc:"只要有空置的|Those with vacant space only"`
}

func (f parkFilter) filter() park.Filter {
	return park.Filter{Text: line(f.Text), Region: region.Code(f.Region), Stage: park.Stage(f.Stage), Grade: park.Grade(f.Grade), Vacant: f.Vacant}
}

func (s parks) published(ctx context.Context, c *Call, in *parkFilter) (page[Park], error) {
	f := in.filter()
	list, next, err := s.register.Public(ctx, f, in.page())
	if err != nil {
		return page[Park]{}, err
	}
	p := pageOf(list, next, func(p park.Park) Park { return s.of(p, c.today()) })
	p.Total, err = in.count(func() (int, error) { return s.register.CountPublic(ctx, f) })
	return p, err
}

func (s parks) showPublished(ctx context.Context, c *Call, id string) (ParkDetail, error) {
	d, err := s.register.Published(ctx, park.ID(id))
	return s.detail(d, c.today()), err
}

type photo struct {
	byID
	File string `path:"file" doc:"照片的编号|Id of the photo"`
}

func (s parks) openPhoto(ctx context.Context, c *Call, in *photo) (files.File, io.ReadSeekCloser, error) {
	return s.register.OpenPhoto(ctx, c.By, park.ID(in.ID), in.File)
}

// Vacancy is free space in a building of a published park (空置厂房).
type Vacancy struct {
	Building ParkBuilding `json:"building" doc:"楼栋|The building"`
	ParkName string       `json:"park_name" doc:"园区|The park"`
	Region   string       `json:"region" doc:"园区所在镇街的代码|Code of the park's town"`
	Free     int64        `json:"free" doc:"空置，平方米|Vacant, in square metres"`
}

func vacancyOf(v park.Vacancy, day string) Vacancy {
	return Vacancy{buildingOf(v.House, day), v.ParkName, string(v.Region), v.Free}
}

type vacancyFilter struct {
	leafing
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Kind   string `query:"kind" enum:"factory_single,factory_multi,office,warehouse,dormitory" doc:"种类|Kind of building"`
	Area   int64  `query:"area" minimum:"0" maximum:"100000000" doc:"至少几平方米|At least so many square metres"`
	Park   string `query:"park" doc:"园区的编号|Id of the park"`
}

func (s parks) vacancies(ctx context.Context, c *Call, in *vacancyFilter) (page[Vacancy], error) {
	list, next, err := s.register.Vacancies(ctx, park.Asked{
		Region: region.Code(in.Region), Kind: park.Kind(in.Kind), Area: in.Area, Park: park.ID(in.Park),
	}, in.page())
	return pageOf(list, next, func(v park.Vacancy) Vacancy { return vacancyOf(v, c.today()) }), err
}

type parkList struct {
	parkFilter
	Ended bool `query:"ended" doc:"是否也列出已撤销的|Whether to list those off the register too"`
}

func (s parks) list(ctx context.Context, c *Call, in *parkList) (page[Park], error) {
	f, scope := in.filter(), c.By.Scope(park.See)
	f.Ended = in.Ended
	list, next, err := s.register.List(ctx, scope, f, in.page())
	if err != nil {
		return page[Park]{}, err
	}
	p := pageOf(list, next, func(p park.Park) Park { return s.of(p, c.today()) })
	p.Total, err = in.count(func() (int, error) { return s.register.Count(ctx, scope, f) })
	return p, err
}

func (s parks) show(ctx context.Context, c *Call, id string) (ParkDetail, error) {
	d, err := s.register.Get(ctx, c.By.Scope(park.See), park.ID(id))
	c.Versioned(d.Version)
	c.ages = true // what is occupied, and a grade, change with the days and with tenants
	return s.detail(d, c.today()), err
}

type parkNew struct{ Body ParkProfile }

func (b ParkProfile) profile() park.Profile {
	return park.Profile{
		Name: line(b.Name), Region: region.Code(b.Region), Developer: line(b.Developer), Operator: line(b.Operator),
		OperatorID: institution.ID(b.OperatorID), Land: b.Land, Works: park.Works(b.Works), Facilities: named[park.Facility](b.Facilities),
		About: b.About, Address: line(b.Address),
	}
}

func (s parks) add(ctx context.Context, c *Call, in *parkNew) (string, error) {
	p, err := s.register.Register(ctx, c.By, in.Body.profile(), "")
	return string(p.ID), err
}

type parkEdit struct {
	byID
	Body ParkProfile
}

func (s parks) edit(ctx context.Context, c *Call, in *parkEdit) error {
	_, err := s.register.Edit(ctx, c.By, park.ID(in.ID), c.Version, in.Body.profile())
	return err
}

func (s parks) publish(shown bool) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		_, err := s.register.Publish(ctx, c.By, park.ID(in.ID), c.Version, shown)
		return err
	}
}

// Ending ends something on a day.
type Ending struct {
	Day    string `json:"day" doc:"从哪天起|From this day on"`
	Reason string `json:"reason" doc:"原因|Why"`
}

type parkEnd struct {
	byID
	Body Ending
}

func (s parks) end(ctx context.Context, c *Call, in *parkEnd) error {
	_, err := s.register.End(ctx, c.By, park.ID(in.ID), c.Version, in.Body.Day, in.Body.Reason)
	return err
}

type parkGrade struct {
	byID
	Body struct {
		Grade    string `json:"grade" enum:"a,model" doc:"等级|Grade"`
		From     string `json:"from" doc:"从哪天起|First day"`
		To       string `json:"to,omitempty" doc:"从哪天起不再有效|First day it no longer holds"`
		Document string `json:"document" doc:"文件|The document"`
	}
}

func (s parks) grade(ctx context.Context, c *Call, in *parkGrade) error {
	b := in.Body
	_, err := s.register.SetGrade(ctx, c.By, park.ID(in.ID), c.Version, park.Term{Grade: park.Grade(b.Grade), From: b.From, To: b.To, Document: line(b.Document)})
	return err
}

type parkUngrade struct {
	byID
	Body struct {
		Grade string `json:"grade" enum:"a,model" doc:"等级|Grade"`
		Ending
	}
}

func (s parks) ungrade(ctx context.Context, c *Call, in *parkUngrade) error {
	b := in.Body
	_, err := s.register.EndGrade(ctx, c.By, park.ID(in.ID), c.Version, park.Grade(b.Grade), b.Day, b.Reason)
	return err
}

type filing struct {
	byID
	Body struct {
		Files       []string `json:"files,omitempty" maxItems:"40" doc:"上传得到的 token|The tokens of uploads"`
		RemoveFiles []string `json:"remove_files,omitempty" maxItems:"40" doc:"要去掉的附件的编号|Ids of documents to take off"`
	}
}

func (in *filing) papers() files.Papers {
	return files.Papers{Add: in.Body.Files, Remove: in.Body.RemoveFiles}
}

func (s parks) photos(ctx context.Context, c *Call, in *filing) error {
	_, err := s.register.SetPhotos(ctx, c.By, park.ID(in.ID), c.Version, in.papers())
	return err
}

type buildingBody struct {
	byID
	Body BuildingBody
}

func (s parks) addBuilding(ctx context.Context, c *Call, in *buildingBody) error {
	_, err := s.register.AddBuilding(ctx, c.By, park.ID(in.ID), in.Body.house(), "")
	return err
}

func (s parks) building(ctx context.Context, c *Call, id string) (ParkBuilding, error) {
	h, _, err := s.register.House(ctx, c.By.Scope(park.See), id)
	c.Versioned(h.Version)
	c.ages = true
	return buildingOf(h, c.today()), err
}

func (s parks) editBuilding(ctx context.Context, c *Call, in *buildingBody) error {
	_, err := s.register.EditBuilding(ctx, c.By, in.ID, c.Version, in.Body.house())
	return err
}

func (s parks) removeBuilding(ctx context.Context, c *Call, in *byID) error {
	return s.register.RemoveBuilding(ctx, c.By, in.ID, c.Version)
}
