package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// productOperations are those of new products (新产品鉴定).
func (s platforms) productOperations() []operation {
	const one = "POST /new-products/{id}/"
	step := func(id, do string, about words, fn productStep) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *byID) error {
			_, err := fn(ctx, c.By, in.ID, c.Version)
			return err
		}, s.product).needs(writePlatforms).matched()
	}
	said := func(id, do string, about words, fn productReason) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *reasoned) error {
			_, err := fn(ctx, c.By, in.ID, c.Version, in.Body.Reason)
			return err
		}, s.product).needs(writePlatforms).matched()
	}
	return []operation{
		lists("listPublishedProducts", "/published/products", words{"通过鉴定的新产品", "New products that were confirmed"}, s.publicProducts).public(),
		gets("getPublishedProduct", "/published/products/{id}", words{"一个通过鉴定的新产品", "One that was confirmed"}, s.publicProduct).public(),
		reads("listProductGrades", "/product-grades", words{"鉴定结论有哪些", "The answers that the province may give"}, s.grades).public(),
		ends("setProductGrade", "PUT /product-grades", words{"新增或修改鉴定结论", "Add or change an answer"}, s.setGrade).needs(writePlatforms).
			note("不写编号是新增；修改要写读到的版本。", "Without an id it is added; a change gives the version that was read."),
		lists("listProducts", "/new-products", words{"新产品鉴定申请", "Applications of new products"}, s.products).needs(seePlatforms).
			note("本单位的，或者本地区的。", "Those of your enterprises or your place."),
		creates("applyForProduct", "/new-products", words{"申请新产品鉴定", "Apply for a new product"}, s.applyProduct, s.product).needs(writePlatforms).
			note("至少一份证明材料。经县、市审核后报省。", "With at least one paper of evidence. It goes over county and city to the province."),
		gets("getProduct", "/new-products/{id}", words{"一个新产品鉴定申请", "One application"}, s.product).needs(seePlatforms),
		opens("openProductFile", "/new-products/{id}/files/{file}", words{"下载证明材料", "Take a paper away"}, s.openProductFile).needs(seePlatforms).
			note("不是企业自己打开的，都记入审计。", "Every opening by somebody else than the enterprise stands in the audit trail."),
		changes("reviseProduct", "PUT /new-products/{id}", words{"补正后重新申请", "Correct and apply again"}, s.reviseProduct, s.product).needs(writePlatforms).matched(),
		step("checkProduct", "check", words{"县审核通过", "Pass the county's review"}, s.register.CheckProduct),
		step("forwardProduct", "forward", words{"市审核通过并报省", "Pass the city's review and forward"}, s.register.ForwardProduct),
		said("returnProduct", "return", words{"退回补正", "Return for correction"}, s.register.ReturnProduct),
		changes("confirmProduct", one+"confirm", words{"登记省鉴定结论", "Enter the province's answer"}, s.confirmProduct, s.product).needs(writePlatforms).matched(),
		said("refuseProduct", "refuse", words{"登记未通过", "Enter that it was refused"}, s.register.RefuseProduct),
		said("reopenProduct", "reopen", words{"撤销结论", "Take the answer back"}, s.register.ReopenProduct),
		step("withdrawProduct", "withdraw", words{"撤回鉴定申请", "Withdraw the application"}, s.register.DropProduct),
	}
}

type (
	productStep   = func(ctx context.Context, by actor, id string, version int) (techplatform.Product, error)
	productReason = func(ctx context.Context, by actor, id string, version int, reason string) (techplatform.Product, error)
)

// ProductBody is what an enterprise says of its new product.
type ProductBody struct {
	Name     string   `json:"name" doc:"名称|Name"`
	Industry string   `json:"industry" doc:"行业代码，GB/T 4754-2017，如 C17|Industry by GB/T 4754-2017, such as C17"`
	About    string   `json:"about" doc:"产品说明|Description"`
	Patents  []string `json:"patents,omitempty" maxItems:"10" doc:"本企业已登记专利的申请号|Numbers of the enterprise's patents on file"`
}

func (b ProductBody) profile() techplatform.ProductProfile {
	return techplatform.ProductProfile{Name: line(b.Name), Industry: line(b.Industry), About: b.About, Patents: b.Patents}
}

// NewProduct is a new product with how far its confirmation has come (新产品鉴定).
type NewProduct struct {
	ID     string `json:"id" doc:"编号|Its id"`
	Number string `json:"number" doc:"人们说的编号|The number people know it by"`
	ProductBody
	Enterprise  string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Applicant   string `json:"applicant" doc:"企业|The enterprise"`
	Region      string `json:"region" doc:"企业所在镇街的代码|Code of the enterprise's town"`
	State       string `json:"state" enum:"applied,checked,forwarded,confirmed,refused,returned,withdrawn" doc:"状态|State"`
	Grade       string `json:"grade" doc:"鉴定结论的编号，没有时为空|Id of the answer; empty before"`
	GradeName   string `json:"grade_name" doc:"鉴定结论|The answer"`
	Certificate string `json:"certificate" doc:"鉴定证书编号|Number of the certificate"`
	DecidedOn   string `json:"decided_on" doc:"鉴定日期，没有时为空|Day of the answer; empty before"`
	Version     int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func newProductOf(p techplatform.Product) NewProduct {
	return NewProduct{
		p.ID, p.Number,
		ProductBody{p.Name, p.Industry, p.About, each(p.Patents, func(n string) string { return n })},
		p.Enterprise, p.Applicant,
		string(p.Region), string(p.State), p.Grade, p.GradeName.Name, p.Certificate, p.On, p.Version,
	}
}

// NewProductDetail is a new product with its papers and history.
type NewProductDetail struct {
	NewProduct
	Files  []File     `json:"files" doc:"证明材料|Evidence"`
	Events []Happened `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can    []string   `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

type productList struct {
	paging
	Region   string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Industry string `query:"industry" doc:"行业代码，含下级|Industry, with everything below it"`
	Grade    string `query:"grade" doc:"鉴定结论的编号|Id of an answer"`
	Text     string `query:"text" maxLength:"100" doc:"编号、名称、证书或企业的一部分|Part of number, name, certificate or enterprise"`
}

func (f productList) filter() techplatform.ProductFilter {
	return techplatform.ProductFilter{Region: region.Code(f.Region), Industry: line(f.Industry), Grade: f.Grade, Text: line(f.Text)}
}

func (s platforms) publicProducts(ctx context.Context, c *Call, in *productList) (page[NewProduct], error) {
	c.ages = true
	list, next, total, err := s.register.PublicProducts(ctx, in.filter(), in.page())
	return counted(in.paging, list, next, total, err, newProductOf)
}

func (s platforms) publicProduct(ctx context.Context, c *Call, id string) (NewProduct, error) {
	d, err := s.register.Product(ctx, actor{}, id)
	c.Versioned(d.Version)
	c.ages = true
	return newProductOf(d.Product), err
}

type ownProductList struct {
	productList
	State   string `query:"state" enum:"applied,checked,forwarded,confirmed,refused,returned,withdrawn" doc:"状态|State"`
	Waiting bool   `query:"waiting" doc:"只要还等办理的|Those that wait for an office only"`
}

func (s platforms) products(ctx context.Context, c *Call, in *ownProductList) (page[NewProduct], error) {
	f := in.filter()
	f.State, f.UnderWay = flow.State(in.State), in.Waiting
	list, next, total, err := s.register.Products(ctx, c.By.Scope(techplatform.SeeProduct), f, in.page())
	return counted(in.paging, list, next, total, err, newProductOf)
}

func (s platforms) product(ctx context.Context, c *Call, id string) (NewProductDetail, error) {
	d, err := s.register.Product(ctx, c.By, id)
	if err == nil && !d.Inside { // what everybody sees has an operation of its own
		err = fault.Missing()
	}
	c.Versioned(d.Version)
	return NewProductDetail{newProductOf(d.Product), filesOf(d.Files), happened(d.Events), verbs(d.Open)}, err
}

func (s platforms) openProductFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return s.register.OpenProductFile(ctx, c.By, in.ID, in.File)
}

type productNew struct {
	Body struct {
		Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
		ProductBody
		Files []string `json:"files" maxItems:"40" doc:"证明材料：上传得到的 token|Evidence: the tokens of uploads"`
	}
}

func (s platforms) applyProduct(ctx context.Context, c *Call, in *productNew) (string, error) {
	p, err := s.register.ApplyProduct(ctx, c.By, enterprise.ID(in.Body.Enterprise), in.Body.profile(), files.Papers{Add: in.Body.Files}, "")
	return p.ID, err
}

type productEdit struct {
	byID
	Body struct {
		ProductBody
		Files  []string `json:"files,omitempty" maxItems:"40" doc:"新加的证明材料：上传得到的 token|Evidence to add: the tokens of uploads"`
		Remove []string `json:"remove,omitempty" maxItems:"40" doc:"去掉的材料的编号|Ids of papers to take off"`
	}
}

func (s platforms) reviseProduct(ctx context.Context, c *Call, in *productEdit) error {
	_, err := s.register.ReviseProduct(ctx, c.By, in.ID, c.Version, in.Body.profile(), files.Papers{Add: in.Body.Files, Remove: in.Body.Remove})
	return err
}

type confirming struct {
	byID
	Body struct {
		Grade       string `json:"grade" doc:"鉴定结论的编号|Id of the answer"`
		Certificate string `json:"certificate" doc:"鉴定证书编号|Number of the certificate"`
		On          string `json:"on" doc:"鉴定日期|Day of the answer"`
	}
}

func (s platforms) confirmProduct(ctx context.Context, c *Call, in *confirming) error {
	b := in.Body
	_, err := s.register.ConfirmProduct(ctx, c.By, in.ID, c.Version, techplatform.Finding{Grade: b.Grade, Certificate: line(b.Certificate), On: b.On})
	return err
}

// ProductGrade is an answer that the province may give (鉴定结论).
type ProductGrade struct {
	ID       string `json:"id,omitempty" doc:"编号；新增时不写|Its id; left out to add one"`
	Name     string `json:"name" doc:"名称|Name"`
	English  string `json:"english" doc:"英文名称|In English"`
	Position int    `json:"position" doc:"排序，0 到 1000|Place in lists, 0 to 1000"`
	Ended    bool   `json:"ended,omitempty" doc:"是否不再使用|Whether it is no longer in use"`
	Version  int    `json:"version,omitempty" doc:"版本；修改时写读到的|Version; a change gives the one that was read"`
}

func (s platforms) grades(ctx context.Context, _ *Call, _ *struct{}) (page[ProductGrade], error) {
	list, err := s.register.Grades(ctx)
	return pageOf(list, "", func(g techplatform.Grade) ProductGrade { return ProductGrade(g) }), err
}

type gradeSetting struct{ Body ProductGrade }

func (s platforms) setGrade(ctx context.Context, c *Call, in *gradeSetting) error {
	_, err := s.register.SetGrade(ctx, c.By, authz.At(s.home), techplatform.Grade(in.Body))
	return err
}
