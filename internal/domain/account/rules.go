package account

import (
	"math"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// PersonLife is the life of an account (账号状态).
func PersonLife() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "account.person",
		States: []flow.State{Active, Disabled, Closed},
		Start:  Active,
		Ends:   []flow.State{Active, Closed},
		Steps: []flow.Step{
			{Do: Disable, From: []flow.State{Active}, To: Disabled},
			{Do: Enable, From: []flow.State{Disabled}, To: Active},
			{Do: Close, From: []flow.State{Active}, To: Closed},
		},
	}
}

// The states of an invitation.
const (
	Sent      flow.State = "sent"      // 待接受
	Accepted  flow.State = "accepted"  // 已接受
	Withdrawn flow.State = "withdrawn" // 已撤回
)

// InvitationLife is the life of an invitation (邀请状态). One that is past its
// end is still Sent, but can no longer be accepted.
func InvitationLife() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "account.invitation",
		States: []flow.State{Sent, Accepted, Withdrawn},
		Start:  Sent,
		Ends:   []flow.State{Accepted, Withdrawn},
		Steps: []flow.Step{
			{Do: Invite, To: Sent},
			{Do: Accept, From: []flow.State{Sent}, To: Accepted, Guard: "in_time"},
			{Do: Withdraw, From: []flow.State{Sent}, To: Withdrawn},
		},
	}
}

// Situations are what a founder may choose from, in the order of the form.
func Situations() []string {
	return []string{Returned, OutOfWork, Graduate, Veteran, Farmer, Employed, Otherwise}
}

var (
	mobileCN     = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	mobileAbroad = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)
)

// phoneOf reads a phone number as people type it; ok says that it is one.
func phoneOf(typed string) (phone string, ok bool) {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= '0'+0xFEE0 && r <= '9'+0xFEE0:
			return r - 0xFEE0
		case r == '＋':
			return '+'
		case r >= '0' && r <= '9' || r == '+':
			return r
		case strings.ContainsRune(" \t\u00a0\u3000-—–()（）", r):
			return -1
		}
		return 'x'
	}, typed)
	for _, prefix := range []string{"+86", "0086"} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s, mobileCN.MatchString(s) || mobileAbroad.MatchString(s)
}

// emailOf reads an e-mail address: small letters, one @, a dotted domain.
func emailOf(typed string) (email string, ok bool) {
	s := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(typed, "＠", "@")))
	a, err := mail.ParseAddress(s)
	at := strings.LastIndexByte(s, '@')
	return s, err == nil && a.Address == s && len(s) <= 254 && at > 0 && strings.Contains(s[at:], ".")
}

// loginOf reads what somebody signs in with: a phone number or an address. What
// is neither comes back trimmed, and belongs to nobody.
func loginOf(typed string) (login string, ok bool) {
	if strings.ContainsAny(typed, "@＠") {
		return emailOf(typed)
	}
	return phoneOf(typed)
}

// MaskPhone shows a number so that its owner knows it and others do not:
// 138****0000.
func MaskPhone(phone string) string {
	if len(phone) < 8 {
		return strings.Repeat("*", len(phone))
	}
	return phone[:3] + strings.Repeat("*", len(phone)-7) + phone[len(phone)-4:]
}

// MaskEmail shows an address by its first letter and its domain: w***@example.cn.
func MaskEmail(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return ""
	}
	_, n := utf8.DecodeRuneInString(email)
	return email[:n] + "***" + email[at:]
}

func maskLogin(login string) string {
	if strings.Contains(login, "@") {
		return MaskEmail(login)
	}
	return MaskPhone(login)
}

const nameMost = 40

func checkName(fields *fault.Fields, name string) string {
	name = strings.Join(strings.Fields(name), " ")
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		fields.Add("name", "field.required")
	case n > nameMost:
		fields.Add("name", "field.too_long", "max", nameMost, "n", n)
	}
	return name
}

func checkSituation(fields *fault.Fields, s string) {
	if s != "" && !slices.Contains(Situations(), s) {
		fields.Add("situation", "field.choice")
	}
}

// patience is how guessing is slowed: free failures, then a wait that doubles
// with each further round of failures up to a most; forget clears the count.
type patience struct {
	free       int64
	wait, most time.Duration
	forget     time.Duration
}

var (
	// One login from one network, or from one known browser.
	perLogin = patience{free: 5, wait: 15 * time.Minute, most: 4 * time.Hour, forget: 24 * time.Hour}
	// One login from everywhere: many networks guess together. Known browsers pass.
	perAccount = patience{free: 20, wait: 15 * time.Minute, most: 15 * time.Minute, forget: time.Hour}
	// One network, whatever it tries: a whole town may share an address.
	perNetwork = patience{free: 100, wait: 5 * time.Minute, most: time.Hour, forget: time.Hour}
	// Codes of the second factor, after the right password.
	perFactor = patience{free: 5, wait: 15 * time.Minute, most: 4 * time.Hour, forget: 24 * time.Hour}
	// Mails asked for one address, and accounts registered, per network.
	perMail     = patience{free: 3, wait: time.Hour, most: 4 * time.Hour, forget: time.Hour}
	perRegister = patience{free: 50, wait: time.Hour, most: 4 * time.Hour, forget: time.Hour}
)

// pause is how long to wait after the n-th failure; 0 within a round.
func (p patience) pause(n int64) time.Duration {
	if n == 0 || n%p.free != 0 {
		return 0
	}
	wait := p.wait
	for round := n / p.free; round > 1 && wait < p.most; round-- {
		wait *= 2
	}
	return min(wait, p.most)
}

// left is how many more failures the round has room for after n.
func (p patience) left(n int64) int64 { return (p.free - n%p.free) % p.free }

// minutes rounds a wait up to whole minutes, at least one.
func minutes(d time.Duration) int { return max(1, int(math.Ceil(d.Minutes()))) }

// networkOf is the network an address is in: /24 for IPv4, /56 for IPv6, the
// text itself when it is no address.
func networkOf(ip string) string {
	addr, err := netip.ParseAddr(strings.TrimSpace(ip))
	if err != nil {
		return ip
	}
	addr = addr.Unmap()
	bits := 56
	if addr.Is4() {
		bits = 24
	}
	net, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ip
	}
	return net.String()
}

// How long sessions last. Officials' end soon, because what they can reach is more.
const (
	officialIdle, officialMost = 30 * time.Minute, 12 * time.Hour
	personIdle, personMost     = 8 * time.Hour, 7 * 24 * time.Hour
	halfMost                   = 10 * time.Minute // between the password and the second step
	seenEvery                  = time.Minute      // how exactly last-seen is kept
	deviceMost                 = 365 * 24 * time.Hour
)

// lasting is the idle and the absolute limit of a session; kept is the choice
// to stay signed in on one's own computer.
func lasting(official, kept bool) (idle, most time.Duration) {
	switch {
	case official:
		return officialIdle, officialMost
	case kept:
		return personMost, personMost
	default:
		return personIdle, personMost
	}
}

// SelfRights are what everyone may do with their own account: the role Self always has them.
func SelfRights() []authz.Permission {
	return []authz.Permission{
		Begin, EndSession, ChangePassword, EditProfile, ChangeLogin, ConfirmEmail,
		EnrolFactor, DropFactor, Export, Close, Accept, End, MakeKey, EndKey,
	}
}
