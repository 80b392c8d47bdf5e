package story_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"qiban.dev/qiban/internal/testkit"
)

// What pages promise to those without a mouse, without scripts, and without luck.

func TestANeedIsPostedWithoutScript(t *testing.T) {
	w := newWorld(t)
	b := signIn(w.visitor("陈国华").WithoutScript().Visit("/sign-in"), owner)
	fillsNeed(b, "女工缝纫技能培训 30 人")
	b.Press("提交需求").See("已提交，编号", "女工缝纫技能培训 30 人", "待受理").Shot("20-without-script")
	wang := signIn(w.visitor("王海燕").WithoutScript().Visit("/sign-in"), sheyang)
	wang.Visit("/bench/needs").Press("女工缝纫技能培训 30 人").Press("受理").See("已受理")
	b.Visit("/my/needs").Press("女工缝纫技能培训 30 人").See("射阳县服务中心已经受理")
}

// fillsNeed fills the form up to its last step, for training.
func fillsNeed(b *testkit.Browser, title string) {
	b.Visit("/needs/new").Choose("素质提升").Press("下一步").
		Fill("要办的事", title).Fill("情况说明", "新添了三条缝纫线，女工多是头一回上机，想请老师来厂里教。").Press("下一步").
		Fill("希望哪天之前办成", "2099年12月31日").Press("下一步").
		Choose("射阳县鹤乡纺织有限公司").Fill("联系人", "陈国华").Fill("电话", "13800000005").Press("下一步").
		See(title, "女工多是头一回上机")
}

func TestASessionThatEndsInTheMiddleLosesNothing(t *testing.T) {
	w := newWorld(t)
	office, home := w.person("陈国华 at the office", owner), w.person("陈国华 at home", owner)

	fillsNeed(office, "车间主任管理培训 12 人")
	home.Visit("/me").Press("其他设备都退出").See("其他设备都已退出")
	office.Press("提交需求").See("手机号或邮箱")
	signIn(office, owner).See("车间主任管理培训 12 人", "女工多是头一回上机").Shot("21-session-kept").
		Press("提交需求").See("已提交，编号", "车间主任管理培训 12 人")

	// The same for a form that nobody may see who has not signed in.
	office.Visit("/my/enterprise").Fill("简称", "鹤乡纺织").Fill("地址", "人民中路 18 号")
	home.Visit("/me").Press("其他设备都退出").See("其他设备都已退出")
	office.Press("保存").See("手机号或邮箱")
	signIn(office, owner).Holds("简称", "鹤乡纺织").Holds("地址", "人民中路 18 号").
		Press("保存").See("企业资料已保存")
	office.Visit("/my/enterprise").Holds("简称", "鹤乡纺织")
}

func TestANeedIsPostedByKeysAlone(t *testing.T) {
	w := newWorld(t)
	b := w.person("陈国华", owner).Visit("/needs/new")
	b.Keys(kb.Tab)
	if label, _, ringed := b.Focus(); label != "跳到正文" || !ringed {
		t.Errorf("the first Tab leads to %q (ring: %t), want 跳到正文 where everybody sees it", label, ringed)
	}
	b.Keys("\r")
	reach(t, b, "政策服务")
	for range 6 {
		if label, _, _ := b.Focus(); label == "素质提升" {
			break
		}
		b.Keys(kb.ArrowDown)
	}
	reach(t, b, "下一步").Keys("\r")
	types(t, b, "要办的事", "会计人员培训 5 人")
	types(t, b, "情况说明", "新准则看不懂，想请老师讲两天。")
	reach(t, b, "下一步").Keys("\r")
	types(t, b, "希望哪天之前办成", "2099-12-31")
	reach(t, b, "下一步").Keys("\r")
	reach(t, b, "射阳县鹤乡纺织有限公司").Keys(" ")
	types(t, b, "联系人", "陈国华")
	types(t, b, "电话", "13800000005")
	reach(t, b, "下一步").Keys("\r")
	b.See("会计人员培训 5 人", "新准则看不懂")
	reach(t, b, "提交需求").Keys("\r")
	b.See("已提交，编号", "会计人员培训 5 人")
}

// types replaces what stands in a field, reached by Tab.
func types(t *testing.T, b *testkit.Browser, label, value string) {
	t.Helper()
	reach(t, b, label)
	if b.Value(label) == "" { // what is known is filled in already
		b.Keys(value)
	}
	b.Holds(label, value)
}

// reach presses Tab until the thing has the focus; every stop on the way must
// be seen to have it.
func reach(t *testing.T, b *testkit.Browser, words string) *testkit.Browser {
	t.Helper()
	var stops []string
	for range 60 {
		label, tag, ringed := b.Focus()
		if tag != "" && tag != "main" && !ringed {
			t.Errorf("nobody sees that %s %q has the focus at %s", tag, label, b.Path())
		}
		if strings.HasPrefix(label, words) {
			return b
		}
		stops = append(stops, label)
		b.Keys(kb.Tab)
	}
	t.Fatalf("Tab does not lead to %s at %s, only to %q", words, b.Path(), stops)
	return b
}
