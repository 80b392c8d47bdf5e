package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/files"
)

// NeedDetail is a need with all that belongs to it, as far as the asker may see it.
type NeedDetail struct {
	Need
	Offers     []Offer    `json:"offers" doc:"推荐，早的在前|Offers, oldest first"`
	Deliveries []Delivery `json:"deliveries" doc:"服务交付，早的在前，含已撤销的|Deliveries, oldest first, with those taken back"`
	Rating     *Rating    `json:"rating,omitempty" doc:"评价，没有时不写|What the one who asked says of it; missing while there is none"`
	Events     []Event    `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Files      []File     `json:"files" doc:"附件|Documents"`
	Can        []string   `json:"can" doc:"你现在能做的|What you can do now"`
	Deadline   *Deadline  `json:"deadline,omitempty" doc:"下一步的时限，没有时不写|When the next step is due; missing when nothing is"`
	Lamp       Lamp       `json:"lamp" doc:"时限灯|How the limit stands"`
}

// Offer is a need put before an institution (推荐).
type Offer struct {
	ID          string   `json:"id" doc:"编号|Its id"`
	Institution string   `json:"institution" doc:"机构编号|Id of the institution"`
	Name        string   `json:"name" doc:"当时的机构名称|Name of the institution then"`
	Reasons     []Reason `json:"reasons" doc:"为什么推荐它|Why it was offered"`
	Note        string   `json:"note" doc:"附言|Note"`
	By          string   `json:"by" doc:"谁推荐的|Who offered it"`
	At          string   `json:"at" format:"date-time" doc:"推荐时间|When"`
	Due         string   `json:"due" doc:"答复时限，可以为空|When the answer is due; may be empty"`
	Answer      string   `json:"answer" enum:",accepted,declined,recalled" doc:"答复|Answer"`
	Words       string   `json:"words" doc:"婉拒或撤回的原因|Why it was declined or recalled"`
	AnsweredAt  string   `json:"answered_at" doc:"答复时间，可以为空|When it was answered; may be empty"`
	OnTime      bool     `json:"on_time" doc:"是否按时答复|Whether it was answered in time"`
}

// Reason is a criterion with its verdict.
type Reason struct {
	Criterion string `json:"criterion" doc:"看什么：theme、place、amount、capacity、record、alike|What is looked at"`
	Verdict   string `json:"verdict" doc:"是否符合|Whether it is met"`
	Text      string `json:"text" doc:"一句话|In words"`
}

func (c *Call) offer(o engagement.Offer) Offer {
	return Offer{
		ID: o.ID, Institution: string(o.Institution), Name: o.Name, Reasons: c.reasons(o.Reasons), Note: o.Note, By: o.ByName,
		At: instant(o.At), Due: instant(o.Due), Answer: string(o.Answer), Words: o.Words, AnsweredAt: instant(o.AnsweredAt), OnTime: o.OnTime,
	}
}

func (c *Call) reasons(list []engagement.Reason) []Reason {
	return each(list, func(r engagement.Reason) Reason { return Reason{r.Criterion, string(r.Verdict), r.In(c.Lang)} })
}

// Delivery is one service given (服务交付).
type Delivery struct {
	ID          string `json:"id" doc:"编号|Its id"`
	Institution string `json:"institution" doc:"机构编号|Id of the institution"`
	Name        string `json:"name" doc:"当时的机构名称|Name of the institution then"`
	On          string `json:"on" format:"date" doc:"服务日期|Day of the service"`
	Theme       string `json:"theme" doc:"服务主题|Theme"`
	Form        string `json:"form" doc:"服务形式|Form"`
	Amount      int64  `json:"amount" doc:"金额，分|Amount in fen"`
	Quantity    int64  `json:"quantity" doc:"服务人次|People served"`
	Text        string `json:"text" doc:"做了什么|What was done"`
	Reach       string `json:"reach" enum:",social,personal" doc:"社会化、个性化|For all, or for one"`
	Crowd       string `json:"crowd" enum:",together,apart" doc:"集中、分散|Together, or apart"`
	Rhythm      string `json:"rhythm" enum:",regular,lasting" doc:"定期、长效|Regular, or lasting"`
	Topic       string `json:"topic" doc:"专项活动|Campaign"`
	State       string `json:"state" enum:"recorded,confirmed,unconfirmed,withdrawn" doc:"状态；确认后才计入|State: it counts once confirmed"`
	By          string `json:"by" doc:"谁登记的|Who recorded it"`
	At          string `json:"at" format:"date-time" doc:"登记时间|When it was recorded"`
	ConfirmedAt string `json:"confirmed_at" doc:"确认时间，可以为空|When it was confirmed; may be empty"`
	Reason      string `json:"reason" doc:"更正或撤销的原因|Why it was last changed or taken back"`
}

func deliveryOf(d engagement.Delivery) Delivery {
	return Delivery{
		ID: d.ID, Institution: string(d.Institution), Name: d.Name, On: d.On, Theme: string(d.Theme), Form: string(d.Form),
		Amount: d.Amount, Quantity: d.Quantity, Text: d.Text, Reach: d.Reach, Crowd: d.Crowd, Rhythm: d.Rhythm, Topic: d.Topic,
		State: string(d.State), By: d.ByName, At: instant(d.At), ConfirmedAt: instant(d.ConfirmedAt), Reason: d.Reason,
	}
}

// Rating is what the one who asked says of the service (评价).
type Rating struct {
	OnTime bool   `json:"on_time" doc:"是否及时|Whether it came in time"`
	Solved string `json:"solved" enum:"yes,partly,no" doc:"是否解决|Whether the problem is solved"`
	Score  int    `json:"score" doc:"满意度，1 到 5|Score, 1 to 5"`
	Words  string `json:"words" doc:"意见|In words"`
	At     string `json:"at" format:"date-time" doc:"评价时间|When"`
}

// Event is a line of the history (办理经过).
type Event struct {
	At    string `json:"at" format:"date-time" doc:"时间|When"`
	Do    string `json:"do" doc:"动作|What was done"`
	From  string `json:"from" doc:"之前的状态|State before"`
	To    string `json:"to" doc:"之后的状态|State after"`
	By    string `json:"by" doc:"谁|Who"`
	Note  string `json:"note" doc:"说明|Note"`
	Took  int    `json:"took" doc:"用了几个工作日|Working days it took"`
	Limit int    `json:"limit" doc:"时限几个工作日，没有时为 0|Working days it should have taken; 0 for no limit"`
}

// File is a document (附件).
type File struct {
	ID       string `json:"id" doc:"编号|Its id"`
	Name     string `json:"name" doc:"文件名|File name"`
	Type     string `json:"type" doc:"媒体类型|Media type"`
	Size     int64  `json:"size" doc:"字节|Bytes"`
	Delivery string `json:"delivery" doc:"属于哪次服务；不是服务的为空|Id of the delivery it belongs to; empty when it is not a delivery's"`
	By       string `json:"by" doc:"谁上传的|Who uploaded it"`
	At       string `json:"at" format:"date-time" doc:"上传时间|When"`
}

// Deadline is when a step must be done.
type Deadline struct {
	At     string `json:"at" format:"date-time" doc:"到什么时候|The instant"`
	On     string `json:"on" format:"date" doc:"到哪天|The day"`
	Step   string `json:"step" doc:"哪一步|The step"`
	Paused bool   `json:"paused" doc:"是否停表|Whether the clock stands still"`
	Known  bool   `json:"known" doc:"假期是否都已公布；没有时日子会变|Whether all holidays are on file; the day may move otherwise"`
}

func (n needs) show(ctx context.Context, c *Call, id string) (NeedDetail, error) {
	d, err := n.desk.Get(ctx, c.By, engagement.ID(id))
	if err != nil {
		return NeedDetail{}, err
	}
	c.Versioned(d.Version)
	out := NeedDetail{
		Need: needOf(d.Need), Offers: each(d.Offers, c.offer), Deliveries: each(d.Deliveries, deliveryOf), Can: verbs(d.Open), Lamp: c.lamp(d.Lamp),
		Events: each(d.Events, func(e engagement.Event) Event {
			return Event{instant(e.At), e.Do.Verb(), string(e.From), string(e.To), e.ByName, e.Note, e.Took, e.Limit}
		}),
		Files: make([]File, len(d.Files)),
	}
	for i, f := range d.Files {
		delivery := ""
		if f.Record.Kind == engagement.DeliveryKind {
			delivery = f.Record.ID
		}
		out.Files[i] = fileOf(f, delivery)
	}
	if r := d.Rating; r != nil {
		out.Rating = &Rating{r.OnTime, string(r.Solved), r.Score, r.Words, instant(r.At)}
	}
	if l := d.Deadline; l != nil {
		out.Deadline = &Deadline{instant(l.At), l.On, l.Limit.Step, l.Paused, l.Known}
	}
	return out, nil
}

func (n needs) openFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return n.desk.OpenFile(ctx, c.By, engagement.ID(in.ID), in.File)
}

// each translates a list that is never null.
func each[T, D any](list []D, of func(D) T) []T { return pageOf(list, "", of).Items }
