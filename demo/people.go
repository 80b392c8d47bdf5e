package demo

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/region"
)

// role is somebody who can sign in to try the program.
type role struct {
	who    string // for the printed list
	phone  string
	name   string
	role   string
	region region.Code
}

// cast are the people of the printed list. Those without a role here come with
// their organisations, or with the panel of reviewers.
func cast() []role {
	list := []role{
		{"盐城市主管部门 city official", "13800000001", "徐明", roleOfficial, City},
		{"盐城市服务中心 city centre staff", "13800000002", "周敏", roleStaff, City},
		{"射阳县服务中心 county staff, Sheyang", "13800000003", "王海燕", roleStaff, sheyang},
		{"射阳县中小企业信用担保中心 guarantee institution", clerkPhone, "李建", "", ""},
		{"射阳县鹤乡纺织有限公司 enterprise owner", ownerPhone, "陈国华", "", ""},
		{"科行公司技术平台 technology platform", labPhone, "刘志明", "", ""},
		{"射阳县农村合作银行 bank", bankPhone, "吴建国", "", ""},
		{"系统管理员 system administrator", "13800000006", "何平", "system-administrator", City},
		{"安全管理员 security administrator", "13800000007", "陆安", "security-administrator", City},
		{"审计管理员 audit administrator", "13800000008", "钱正", "audit-administrator", City},
	}
	for _, e := range panel {
		list = append(list, role{"评审专家 reviewer", e.phone, e.name, "", ""})
	}
	return list
}

const sheyang region.Code = "320924"

// The demonstration's guarantee clerk, enterprise owner, platform engineer
// and bank clerk.
const (
	clerkPhone = "13800000004"
	ownerPhone = "13800000005"
	labPhone   = "13800000010"
	bankPhone  = "13800000011"
)

// officers of the other counties have no password: they are there to have done
// the work of 2008.
var officers = map[region.Code]string{
	"320921": "张丽", "320922": "孙伟", "320923": "刘洋", "320925": "陈静",
	"320902": "杨帆", "320903": "吴磊", "320982": "郑丹", "320981": "何勇",
}

// people makes the accounts of the offices.
func (l *loader) people(ctx context.Context) error {
	l.at(on("2007-06-01", 9, 0))
	for _, p := range cast() {
		if p.role == "" {
			continue
		}
		id, err := l.Account.Provision(ctx, maker(), account.NewPerson{
			Phone: p.phone, Name: p.name, Region: p.region, Password: Password, Demo: true,
			Grants: []account.Grant{{Role: p.role, Region: p.region}},
		})
		if err != nil {
			return err
		}
		actor := l.actor(id, p.name, p.role, p.region, authz.Party{})
		switch p.role {
		case roleOfficial:
			l.official = actor
		case roleStaff:
			l.staff[p.region] = actor
		}
	}
	numbers := phones{}
	for _, office := range offices {
		if _, done := l.staff[office]; done {
			continue
		}
		id, err := l.Account.Provision(ctx, maker(), account.NewPerson{
			Phone: numbers.number(), Name: officers[office], Region: office, Demo: true,
			Grants: []account.Grant{{Role: roleStaff, Region: office}},
		})
		if err != nil {
			return err
		}
		l.staff[office] = l.actor(id, officers[office], roleStaff, office, authz.Party{})
	}
	return nil
}
