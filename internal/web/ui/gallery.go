package ui

import "github.com/a-h/templ"

// Sample is one state of a component, with sample words.
type Sample struct {
	Name string
	View templ.Component
}

// Section is one component, or a few that belong together, with its states.
type Section struct {
	ID, Title, Note string
	Lay             string // row, two or stack: how the states are set
	Samples         []Sample
}

// Sections lists every component in every state, in the reader's language. The
// gallery shows them and the tests check them.
func Sections(p P) []Section {
	return []Section{
		{"btn", p.say("按钮", "Buttons"), p.say("一屏一个主按钮。危险操作用红，并且要再确认一次。", "One main button on a page. What is dangerous is red and asks again."), "row", btnSamples(p)},
		{"field", p.say("输入", "Fields"), p.say("标签在上，说明在标签下，错误在输入框上方。", "Label, hint, error, control, in this order."), "two", fieldSamples(p)},
		{"errsum", p.say("错误汇总", "Error summary"), p.say("在标题之上，取得焦点；每条链到对应输入框。", "Before the heading, with the focus; each line leads to its field."), "stack", errsumSamples(p)},
		{"table", p.say("表格", "Tables"), p.say("数字右对齐，单位写在表头。密表行高 44。", "Numbers at the right, the unit in the head. Dense rows are 44 high."), "stack", tableSamples(p)},
		{"worklist", p.say("待办表", "Work list"), p.say("有真正的链接和勾选框，也能只用键盘。", "Real links and checkboxes, and the keyboard alone will do."), "stack", worklistSamples(p)},
		{"tag", p.say("标签", "Tags"), p.say("写状态，从不只靠颜色。", "A state in a word, never a colour alone."), "row", tagSamples(p)},
		{"lamp", p.say("时限灯", "Lamps"), p.say("只表示时限，形状各不相同。", "Time left and nothing else; every shape differs."), "row", lampSamples(p)},
		{"crumbs", p.say("位置", "Crumbs"), "", "stack", crumbsSamples(p)},
		{"tabs", p.say("页签与切换", "Tabs and switches"), p.say("页签是同一件事的几个部分。", "Tabs are parts of one thing."), "stack", tabsSamples(p)},
		{"filters", p.say("筛选", "Filters"), p.say("筛选带着它的值。", "A filter carries its value."), "stack", filtersSamples(p)},
		{"pager", p.say("分页", "Pages"), p.say("分页写总数。", "The total is always stated."), "stack", pagerSamples(p)},
		{"steps", p.say("步骤", "Steps"), p.say("三步以上的表单才用；手机上只显示当前一步的名称。", "For forms of three steps or more; a phone names only the current."), "stack", stepsSamples(p)},
		{"notice", p.say("提示", "Notices"), p.say("随页面一起出现、要一直看得见的话。", "Words that stay on the page."), "stack", noticeSamples(p)},
		{"pace", p.say("目标进度", "Pace"), p.say("竖线是目标，小三角是按时间进度应到的位置；斜纹是落后。", "The tick is the target, the triangle where the year stands; stripes are behind."), "two", paceSamples(p)},
		{"timeline", p.say("办理经过", "Timeline"), p.say("做过的实心，眼下的空心粗圈，以后的细圈。", "Done is solid, now is a thick ring, next a thin one."), "stack", timelineSamples(p)},
		{"days", p.say("工作日条", "Days"), p.say("时限用工作日说，休息日画斜线，调休上班写“班”。", "Limits count working days; rest days are hatched."), "stack", daysSamples(p)},
		{"stat", p.say("数字", "Figures"), p.say("整块可点，打开记录。始终写明是系统计算还是上报。", "The whole opens into its records and says where it comes from."), "stack", statSamples(p)},
		{"origin", p.say("来历", "Origin"), p.say("每个数字旁边都有。", "Beside every figure."), "row", originSamples(p)},
		{"fig", p.say("正文数字", "Figures in prose"), p.say("年鉴正文里的数字，点开即查；打印时与正文一样。", "Numbers in prose that open; on paper they look like the text."), "stack", figSamples(p)},
		{"tree", p.say("其中", "Parts"), p.say("各部分相加等于总数；不等时写明原因。", "Parts add up to the whole, or a line says why not."), "stack", treeSamples(p)},
		{"chart", p.say("图表", "Charts"), p.say("每张图都能变成表；表一直在页面里。", "Every chart has its table, always in the page."), "two", chartSamples(p)},
		{"map", p.say("示意图", "Schematic"), p.say("是示意，没有边界和比例；每个县印着数。", "A diagram without borders or scale; every county prints its value."), "two", mapSamples(p)},
		{"dialog", p.say("对话框与短提示", "Dialogs and toasts"), p.say("对话框只用于不能撤回的事；短提示给撤销的机会。", "A dialog only for what cannot be undone; a toast offers to undo."), "stack", dialogSamples(p)},
		{"facts", p.say("摘要", "Facts"), "", "stack", factsSamples(p)},
		{"reasons", p.say("理由", "Reasons"), p.say("理由分三种：符合、不符合、要人来定。", "Met, unmet, for a person to judge."), "stack", reasonsSamples(p)},
		{"offer", p.say("推荐", "Proposals"), p.say("系统提出，人来定。", "The system proposes, a person decides."), "stack", offerSamples(p)},
		{"scale", p.say("标尺", "Scale"), p.say("一个数对两道线。", "One value against two thresholds."), "stack", scaleSamples(p)},
		{"empty", p.say("空", "Empty"), p.say("是什么、为什么空、能做的一件事。", "What it is, why empty, one thing to do."), "stack", emptySamples(p)},
		{"find", p.say("搜索", "Search"), "", "stack", findSamples(p)},
		{"list", p.say("链接列表", "Link lists"), p.say("右边一个事实，下面一行说明。", "A fact at the right, a line below."), "stack", listSamples(p)},
		{"icon", p.say("图标", "Icons"), p.say("总与文字同用。", "Always with words."), "row", iconSamples(p)},
		{"art", p.say("画", "Drawings"), p.say("一页最多一次。", "Once on a page at most."), "two", []Sample{{"mark", markSample()}, {"scene", Scene()}, {"reeds", reedsSample()}}},
	}
}
