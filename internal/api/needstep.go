package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
)

// steps are what can be done with a need, in the order of its life.
func (n needs) steps() []operation {
	d := n.desk
	plain := func(id, path string, about words, step needStep) operation {
		return changes(id, "POST /needs/{id}/"+path, about, n.plainly(step), n.show).needs(handleNeeds).matched()
	}
	why := func(id, path string, about words, step needReason) operation {
		return changes(id, "POST /needs/{id}/"+path, about, n.because(step), n.show).needs(handleNeeds).matched()
	}
	return []operation{
		changes("editNeed", "PUT /needs/{id}", words{"修改需求", "Edit a need"}, n.edit, n.show).needs(handleNeeds).matched(),
		plain("acceptNeed", "accept", words{"受理", "Accept"}, d.Accept),
		changes("assignNeed", "POST /needs/{id}/assign", words{"分派", "Give it to a member of staff"}, n.assign, n.show).needs(handleNeeds).matched(),
		why("askRequester", "ask", words{"请对方补材料", "Ask for more; the clock stands still"}, d.Ask),
		changes("supplyNeed", "POST /needs/{id}/supply", words{"补材料", "Answer what was asked for"}, n.supply, n.show).needs(handleNeeds).matched(),
		changes("referNeed", "POST /needs/{id}/refer", words{"转办", "Hand it to the office above or below"}, n.refer, n.show).needs(handleNeeds).matched(),
		why("extendNeed", "extend", words{"延长时限", "Extend the limit"}, d.Extend),
		why("refuseNeed", "refuse", words{"不予受理", "Refuse"}, d.Refuse),
		why("withdrawNeed", "withdraw", words{"撤回需求", "Withdraw the need"}, d.Withdraw),
		why("reopenNeed", "reopen", words{"重新办理", "Take it up again"}, d.Reopen),
		reads("proposeInstitutions", "/needs/{id}/proposals", words{"可以推荐的机构", "Institutions that could be asked, best first"}, n.propose).needs(handleNeeds),
		changes("offerNeed", "POST /needs/{id}/offers", words{"推荐给机构", "Offer it to an institution"}, n.offer, n.show).needs(handleNeeds).matched(),
		plain("acceptOffer", "offers/accept", words{"接受推荐", "Accept the offer, as the institution"}, d.AcceptOffer),
		why("declineOffer", "offers/decline", words{"婉拒", "Decline the offer, as the institution"}, d.DeclineOffer),
		why("recallOffer", "offers/recall", words{"撤回推荐", "Take the offer back, as the office"}, d.Recall),
		changes("deliver", "POST /needs/{id}/deliveries", words{"登记服务", "Record a service given"}, n.deliver, n.show).needs(handleNeeds).matched().
			note("由对方确认后才计入统计。新登记的是 deliveries 里的最后一个。", "It counts once the one who asked has confirmed it. The new one is the last of deliveries."),
		changes("correctDelivery", "PUT /needs/{id}/deliveries/{delivery}", words{"更正服务记录", "Correct a delivery"}, n.correct, n.show).needs(handleNeeds).matched(),
		changes("takeDeliveryBack", "POST /needs/{id}/deliveries/{delivery}/withdraw", words{"撤销服务记录", "Take a delivery back"}, n.takeBack, n.show).needs(handleNeeds).matched(),
		changes("confirmDelivery", "POST /needs/{id}/deliveries/{delivery}/confirm", words{"确认一次服务", "Confirm one delivery"}, n.confirmOne, n.show).needs(handleNeeds).matched(),
		plain("finishNeed", "finish", words{"办好了，请对方确认", "Say that the work is done"}, d.Finish),
		plain("confirmNeed", "confirm", words{"确认已得到服务", "Confirm: the service was given"}, d.Confirm),
		why("disputeNeed", "dispute", words{"没有办好", "Dispute: it was not"}, d.Dispute),
		changes("rateNeed", "POST /needs/{id}/rate", words{"评价", "Rate the service"}, n.rate, n.show).needs(handleNeeds).matched(),
		ends("recordCallback", "POST /needs/{id}/callback", words{"登记回访", "Record a call-back"}, n.recordCallback).needs(handleNeeds).matched().
			note("If-Match 是 listCallbacks 里的 version。", "If-Match is the version that listCallbacks answers."),
	}
}

type (
	needStep   = func(context.Context, actor, engagement.ID, int) (engagement.Need, error)
	needReason = func(context.Context, actor, engagement.ID, int, string) (engagement.Need, error)
)

// plainly is a step that needs no more than the need.
func (n needs) plainly(step needStep) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		_, err := step(ctx, c.By, engagement.ID(in.ID), c.Version)
		return err
	}
}

// because is a step that says why.
func (n needs) because(step needReason) func(context.Context, *Call, *reasoned) error {
	return func(ctx context.Context, c *Call, in *reasoned) error {
		_, err := step(ctx, c.By, engagement.ID(in.ID), c.Version, in.Body.Reason)
		return err
	}
}

// NeedBody is what is asked for.
type NeedBody struct {
	Theme        string   `json:"theme" doc:"服务主题|Theme of service"`
	Title        string   `json:"title" doc:"标题，4 到 60 个字|Title, 4 to 60 characters"`
	Text         string   `json:"text" doc:"要解决什么，10 到 500 个字|What is to be solved, 10 to 500 characters"`
	Amount       int64    `json:"amount,omitempty" doc:"金额，分|Amount in fen"`
	Months       int      `json:"months,omitempty" doc:"期限，月，最多 360|Term in months, at most 360"`
	Collateral   []string `json:"collateral,omitempty" doc:"能提供的反担保：property、equipment、surety、none_yet|What can be given as security: property, equipment, surety, none_yet"`
	WantedBy     string   `json:"wanted_by,omitempty" doc:"希望哪天前办好|The day it is wanted by"`
	ContactName  string   `json:"contact_name,omitempty" doc:"联系人；修改时三项都不写表示不变|Person to speak to; when editing, leaving out all three keeps them"`
	ContactPost  string   `json:"contact_post,omitempty" doc:"联系人的职务|Their post"`
	ContactPhone string   `json:"contact_phone,omitempty" doc:"联系电话|Their telephone"`
	Files        []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
}

func (b NeedBody) content() engagement.Content {
	return engagement.Content{
		Theme: institution.Theme(b.Theme), Title: line(b.Title), Text: b.Text, Amount: b.Amount, Months: b.Months,
		Collateral: named[engagement.Collateral](b.Collateral), WantedBy: b.WantedBy,
	}
}

func (b NeedBody) contact() engagement.Contact {
	return engagement.Contact{Name: line(b.ContactName), Post: line(b.ContactPost), Phone: line(b.ContactPhone)}
}

type needNew struct {
	Body struct {
		NeedBody
		Enterprise string `json:"enterprise,omitempty" doc:"企业编号；创业者不写|Id of the enterprise; left out for a founder"`
		Region     string `json:"region,omitempty" doc:"创业者所在镇街的代码|Code of the founder's town"`
		Channel    string `json:"channel,omitempty" doc:"受理渠道：web、call、visit，不填是 web|How it came in: web, call or visit; web when left out"`
	}
}

func (n needs) post(ctx context.Context, c *Call, in *needNew) (string, error) {
	b := &in.Body
	p := engagement.Posting{
		Content: b.content(), Contact: b.contact(), Enterprise: b.Enterprise, Region: region.Code(b.Region),
		Channel: engagement.Channel(b.Channel), Papers: b.Files,
	}
	if b.Enterprise == "" && (p.Channel == "" || p.Channel == engagement.Web) {
		p.Person = c.By.ID // who asks for nobody else asks for itself
	}
	got, err := n.desk.Post(ctx, c.By, p)
	return string(got.ID), err
}

type needEdit struct {
	byID
	Body struct {
		NeedBody
		RemoveFiles []string `json:"remove_files,omitempty" maxItems:"40" doc:"要去掉的附件的编号|Ids of documents to take off"`
	}
}

func (n needs) edit(ctx context.Context, c *Call, in *needEdit) error {
	var contact *engagement.Contact
	if given := in.Body.contact(); given != (engagement.Contact{}) {
		contact = &given
	}
	_, err := n.desk.Edit(ctx, c.By, engagement.ID(in.ID), c.Version, in.Body.content(), contact,
		files.Papers{Add: in.Body.Files, Remove: in.Body.RemoveFiles})
	return err
}

type needAssign struct {
	byID
	Body struct {
		Person string `json:"person" doc:"经办人的编号；空的是不分派给谁|Id of the member of staff; empty makes it nobody's"`
	}
}

func (n needs) assign(ctx context.Context, c *Call, in *needAssign) error {
	d, err := n.desk.Get(ctx, c.By, engagement.ID(in.ID))
	if err != nil {
		return err
	}
	name := ""
	if in.Body.Person != "" {
		all, err := n.colleagues(ctx, d.Office)
		if err != nil {
			return err
		}
		var known bool
		if name, known = all[in.Body.Person]; !known {
			return fault.Fields{{Name: "person", Key: "need.field.person"}}.Err()
		}
	}
	_, err = n.desk.Assign(ctx, c.By, d.ID, c.Version, in.Body.Person, name)
	return err
}

type needSupply struct {
	byID
	Body struct {
		Words string   `json:"words" doc:"补充的内容，2 到 500 个字|What was asked for, 2 to 500 characters"`
		Files []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
	}
}

func (n needs) supply(ctx context.Context, c *Call, in *needSupply) error {
	_, err := n.desk.Supply(ctx, c.By, engagement.ID(in.ID), c.Version, in.Body.Words, files.Papers{Add: in.Body.Files})
	return err
}

type needRefer struct {
	byID
	Body struct {
		Office string `json:"office" doc:"转给哪个单位：地区代码|Code of the office"`
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (n needs) refer(ctx context.Context, c *Call, in *needRefer) error {
	_, err := n.desk.Refer(ctx, c.By, engagement.ID(in.ID), c.Version, region.Code(in.Body.Office), in.Body.Reason)
	return err
}

// Proposal is an institution that could be asked, and why.
type Proposal struct {
	Institution string   `json:"institution" doc:"机构编号|Id of the institution"`
	Name        string   `json:"name" doc:"机构名称|Name"`
	Offering    string   `json:"offering" doc:"最合适的服务项目|The service that fits best"`
	Reasons     []Reason `json:"reasons" doc:"六项条件，不符合的也在|All six criteria, the failed ones too"`
	Score       int      `json:"score" doc:"符合几项|How many are met"`
	Rank        int      `json:"rank" doc:"加权得分，0 到 100|Weighted, 0 to 100"`
	Workload    int      `json:"workload" doc:"手上有几件|What it has in hand"`
	Before      bool     `json:"before" doc:"这件以前推荐过|Whether this need was offered to it before"`
	Asked       string   `json:"asked" doc:"以前怎么答复的|What it said then"`
}

func (n needs) propose(ctx context.Context, c *Call, in *byID) (page[Proposal], error) {
	list, err := n.desk.Propose(ctx, c.By, engagement.ID(in.ID))
	return pageOf(list, "", func(p engagement.Proposal) Proposal {
		return Proposal{
			string(p.Institution.ID), p.Institution.Name, p.Offering.Name, c.reasons(p.Reasons), p.Score, p.Rank, p.Workload, p.Before, string(p.Asked),
		}
	}), err
}

type needOffer struct {
	byID
	Body struct {
		Institution string `json:"institution" doc:"机构编号|Id of the institution"`
		Note        string `json:"note,omitempty" doc:"附言，最多 300 个字|Note, at most 300 characters"`
	}
}

func (n needs) offer(ctx context.Context, c *Call, in *needOffer) error {
	_, err := n.desk.Offer(ctx, c.By, engagement.ID(in.ID), c.Version, institution.ID(in.Body.Institution), in.Body.Note)
	return err
}

// WorkBody is what was done.
type WorkBody struct {
	On       string   `json:"on" doc:"服务日期|Day of the service"`
	Theme    string   `json:"theme" doc:"服务主题|Theme of service"`
	Form     string   `json:"form" doc:"服务形式|Form of service"`
	Amount   int64    `json:"amount,omitempty" doc:"金额，分|Amount in fen"`
	Quantity int64    `json:"quantity,omitempty" doc:"服务人次，不填是 1|People served; 1 when left out"`
	Text     string   `json:"text" doc:"做了什么，4 到 500 个字|What was done, 4 to 500 characters"`
	Reach    string   `json:"reach,omitempty" doc:"social 社会化，personal 个性化|social or personal"`
	Crowd    string   `json:"crowd,omitempty" doc:"together 集中，apart 分散|together or apart"`
	Rhythm   string   `json:"rhythm,omitempty" doc:"regular 定期，lasting 长效|regular or lasting"`
	Topic    string   `json:"topic,omitempty" doc:"专项活动|Campaign"`
	Files    []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
}

func (b WorkBody) work() engagement.Work {
	return engagement.Work{
		On: b.On, Theme: institution.Theme(b.Theme), Form: institution.Form(b.Form), Amount: b.Amount, Quantity: b.Quantity, Text: b.Text,
		Manner: engagement.Manner{Reach: b.Reach, Crowd: b.Crowd, Rhythm: b.Rhythm, Topic: b.Topic},
	}
}

type needDeliver struct {
	byID
	Body WorkBody
}

func (n needs) deliver(ctx context.Context, c *Call, in *needDeliver) error {
	_, _, err := n.desk.Deliver(ctx, c.By, engagement.ID(in.ID), c.Version, in.Body.work(), files.Papers{Add: in.Body.Files})
	return err
}

// delivered names a delivery of a need.
type delivered struct {
	byID
	Delivery string `path:"delivery" doc:"服务记录的编号|Id of the delivery"`
}

type needCorrect struct {
	delivered
	Body struct {
		WorkBody
		Reason      string   `json:"reason" doc:"原因|Why"`
		RemoveFiles []string `json:"remove_files,omitempty" maxItems:"40" doc:"要去掉的附件的编号|Ids of documents to take off"`
	}
}

func (n needs) correct(ctx context.Context, c *Call, in *needCorrect) error {
	_, err := n.desk.Correct(ctx, c.By, engagement.ID(in.ID), c.Version, in.Delivery, in.Body.work(), in.Body.Reason,
		files.Papers{Add: in.Body.Files, Remove: in.Body.RemoveFiles})
	return err
}

type needTakeBack struct {
	delivered
	Body struct {
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (n needs) takeBack(ctx context.Context, c *Call, in *needTakeBack) error {
	_, err := n.desk.TakeBack(ctx, c.By, engagement.ID(in.ID), c.Version, in.Delivery, in.Body.Reason)
	return err
}

func (n needs) confirmOne(ctx context.Context, c *Call, in *delivered) error {
	_, err := n.desk.ConfirmDelivery(ctx, c.By, engagement.ID(in.ID), c.Version, in.Delivery)
	return err
}

type needRate struct {
	byID
	Body struct {
		OnTime bool   `json:"on_time" doc:"是否及时|Whether it came in time"`
		Solved string `json:"solved" doc:"是否解决：yes、partly、no|Whether the problem is solved: yes, partly or no"`
		Score  int    `json:"score" doc:"满意度，1 到 5|Score, 1 to 5"`
		Words  string `json:"words,omitempty" doc:"意见，最多 300 个字|In words, at most 300 characters"`
	}
}

func (n needs) rate(ctx context.Context, c *Call, in *needRate) error {
	b := &in.Body
	_, err := n.desk.Rate(ctx, c.By, engagement.ID(in.ID), c.Version,
		engagement.Rating{OnTime: b.OnTime, Solved: engagement.Solved(b.Solved), Score: b.Score, Words: b.Words})
	return err
}

type needCallback struct {
	byID
	Body struct {
		Heard string `json:"heard" doc:"回访结果：agreed、contradicted、not_reached|What was learned: agreed, contradicted or not_reached"`
		Note  string `json:"note,omitempty" doc:"说明；不符时要写|Note; needed when contradicted"`
	}
}

func (n needs) recordCallback(ctx context.Context, c *Call, in *needCallback) error {
	return n.desk.RecordCallback(ctx, c.By, engagement.ID(in.ID), c.Version, engagement.Heard(in.Body.Heard), in.Body.Note)
}
