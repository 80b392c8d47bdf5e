package app

import (
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/workbench"
	"qiban.dev/qiban/internal/xfer"
)

// The roles that come with the program. An installation may define more.
const (
	RoleStaff            = "centre-staff"      // 服务中心工作人员
	RoleOfficial         = "official"          // 主管部门负责人
	RoleOwner            = "owner"             // 企业负责人
	RoleMember           = "enterprise-staff"  // 企业工作人员
	RoleInstitution      = "institution-owner" // 机构负责人
	RoleInstitutionStaff = "institution-staff" // 机构经办人
	RoleReviewer         = "reviewer"          // 评审专家
)

// roles are who may do what, as plain lists.
func roles() []account.Role {
	over := func(kind, name string, may ...[]authz.Permission) account.Role {
		return account.Role{Role: authz.Role{Name: name, Permissions: slices.Concat(may...)}, Over: kind}
	}
	official := func(name string, may ...[]authz.Permission) account.Role {
		r := over(account.OverRegion, name, may...)
		r.Official = true
		return r
	}
	admins := account.AdminRoles()
	for i := range admins {
		switch admins[i].Admin {
		case account.SecurityAdmin:
			admins[i].Permissions = append(admins[i].Permissions, flow.SetCalendar, flow.SetLimit, enterprise.EditRule)
		case account.SystemAdmin:
			admins[i].Permissions = append(admins[i].Permissions, workbench.SeeJobs)
		}
	}
	self := over("", account.Self, asking(), []authz.Permission{enterprise.Register, enterprise.Claim, recognition.Object, recognition.Declare, recognition.EndTie})
	self.Over = ""
	return append(admins,
		self,
		official(RoleStaff, looking(), desk(), returning()),
		official(RoleOfficial, looking(), desk(), returning(), deciding()),
		over(account.OverRegion, RoleReviewer, []authz.Permission{recognition.Review, recognition.Recuse}),
		over(authz.Enterprise, RoleOwner, asking(), owning(), []authz.Permission{account.Invite, account.Withdraw, account.End}),
		over(authz.Enterprise, RoleMember, asking(), owning()),
		over(authz.Institution, RoleInstitution, serving(), []authz.Permission{
			institution.Edit, institution.SetOffering,
			institution.SetContacts, account.Invite, account.Withdraw, account.End,
			techplatform.Edit, techplatform.SetService, techplatform.SetInstrument, guarantee.Keep,
		}),
		over(authz.Institution, RoleInstitutionStaff, serving()),
	)
}

// looking is what every official of a place sees.
func looking() []authz.Permission {
	return []authz.Permission{
		engagement.See, enterprise.View, institution.See, institution.SeeContacts, indicator.View, account.See,
		park.See, park.SeePlan, park.SeeWish, techplatform.See, techplatform.SeeOrder, techplatform.SeePatent,
		techplatform.SeeNotice, techplatform.SeeIntro, techplatform.SeeProduct, recognition.See, guarantee.See,
	}
}

// desk is the daily work of a service centre.
func desk() []authz.Permission {
	return []authz.Permission{
		engagement.Post, engagement.Edit, engagement.Accept, engagement.Refuse, engagement.Assign, engagement.Ask,
		engagement.Supply, engagement.Refer, engagement.Extend, engagement.MakeOffer, engagement.Recall, engagement.Deliver,
		engagement.Correct, engagement.TakeBack, engagement.Finish, engagement.Withdraw, engagement.Reopen,
		engagement.SeeContact, engagement.MakeCallback,
		enterprise.Register, enterprise.Edit, enterprise.Verify, enterprise.Reject, enterprise.Close, enterprise.Reopen,
		enterprise.Merge, enterprise.Separate, enterprise.Distinguish, enterprise.DecideClaim, enterprise.DisputeClaim, enterprise.ViewContact,
		institution.Register, institution.Edit, institution.Publish, institution.End, institution.SetOffering,
		institution.SetContacts, institution.AssignTask,
		account.Invite, account.Withdraw, account.CheckPhone, xfer.MayUse,
		park.Register, park.Edit, park.Publish, park.SetBuilding, park.Enter, park.Grow, park.Leave, park.Undo,
		park.SubmitPlan, park.RevisePlan, park.WithdrawPlan, park.Opine, park.Accept, park.Refuse, park.MoveIn,
		recognition.Apply, recognition.Submit, recognition.Withdraw, recognition.Check, recognition.Return,
		recognition.Report,
		techplatform.Register, techplatform.Edit, techplatform.Publish, techplatform.End, techplatform.SetService,
		techplatform.SetInstrument, techplatform.Block, techplatform.RecordWork, techplatform.ConfirmWork, techplatform.ReturnWork,
		techplatform.TakeBackWork, techplatform.SetBase, techplatform.KeepPatent,
		techplatform.CheckNotice, techplatform.ReturnNotice, techplatform.CheckProduct, techplatform.ReturnProduct, techplatform.ProveIntro, techplatform.EnterNotice,
		guarantee.Keep, guarantee.Confirm, guarantee.Join, guarantee.Leave, guarantee.Earn, guarantee.Relate, guarantee.Import, guarantee.Apply,
		guarantee.Withdraw, guarantee.PostNeed, guarantee.WithdrawNeed,
	}
}

// returning is what an office does with its own statistical return.
func returning() []authz.Permission {
	return []authz.Permission{indicator.Fill, indicator.Submit, yearbook.Edit}
}

// deciding is what a place reserves for those who answer for it.
func deciding() []authz.Permission {
	return []authz.Permission{
		park.End, park.SetGrade, park.ReturnPlan, park.ApprovePlan,
		engagement.Supervise, techplatform.Supervise, institution.SetTier, institution.SetDemonstration,
		indicator.Accept, indicator.Return, indicator.Reopen, indicator.Target, indicator.Seal, indicator.Define,
		enterprise.ExportContact, institution.ExportContacts, yearbook.Freeze, territory.Reorganise, territory.SetKeyTown,
		techplatform.SetLevel, techplatform.PublishNotice, techplatform.ForwardProduct, techplatform.ConfirmProduct, techplatform.RefuseProduct,
		techplatform.ReopenProduct, techplatform.SetGrade,
		recognition.EditTitle, recognition.Announce, recognition.Prolong, recognition.Close, recognition.Assign, recognition.Exclude, recognition.EndTie,
		recognition.Publicise, recognition.Answer,
		recognition.Decide, recognition.Refuse, recognition.Recheck, recognition.Extend, recognition.Downgrade, recognition.Revoke,
		guarantee.SetRule, guarantee.Cancel,
	}
}

// asking is what whoever asks for a service does with their needs.
func asking() []authz.Permission {
	return []authz.Permission{
		engagement.See, engagement.Post, engagement.Edit, engagement.Supply, engagement.ConfirmOne, engagement.Confirm,
		engagement.Dispute, engagement.Rate, engagement.Withdraw, engagement.Reopen, engagement.SeeContact,
	}
}

// owning is what an enterprise's people do with its entry in the register.
func owning() []authz.Permission {
	return []authz.Permission{
		enterprise.View, enterprise.Edit, enterprise.ViewContact,
		park.SeeWish, park.Seek, park.Apply, park.Withdraw,
		techplatform.SeeOrder, techplatform.Place, techplatform.Rebook, techplatform.Withdraw, techplatform.Confirm,
		techplatform.Dispute, techplatform.Rate, techplatform.SeePatent, techplatform.KeepPatent,
		techplatform.SeeNotice, techplatform.SubmitNotice, techplatform.ReviseNotice, techplatform.RecallNotice, techplatform.SeeIntro,
		techplatform.Express, techplatform.AgreeIntro, techplatform.ConfirmIntro, techplatform.UndoIntro, techplatform.PartIntro,
		techplatform.SeeProduct, techplatform.ApplyProduct, techplatform.ReviseProduct, techplatform.DropProduct,
		guarantee.See, guarantee.Apply, guarantee.Agree, guarantee.Withdraw, guarantee.PostNeed, guarantee.Choose, guarantee.WithdrawNeed,
	}
}

// serving is what an institution's people do.
func serving() []authz.Permission {
	return []authz.Permission{
		institution.See, institution.ReportTask, institution.SeeContacts,
		recognition.See, recognition.Apply, recognition.Submit, recognition.Withdraw, recognition.Report,
		engagement.See, engagement.AcceptWork, engagement.Decline, engagement.Deliver, engagement.Correct,
		engagement.TakeBack, engagement.Finish, engagement.Ask, engagement.SeeContact,
		park.See, park.SeeWish, park.Edit, park.SetBuilding, park.Enter, park.Grow, park.Leave, park.Accept, park.Refuse, park.MoveIn,
		techplatform.See, techplatform.SeeOrder, techplatform.Accept, techplatform.Refuse, techplatform.Rebook, techplatform.Deliver,
		techplatform.TakeBack, techplatform.Block, techplatform.RecordWork, techplatform.TakeBackWork,
		techplatform.SeeNotice, techplatform.SubmitNotice, techplatform.ReviseNotice, techplatform.RecallNotice, techplatform.SeeIntro,
		techplatform.Express, techplatform.AgreeIntro, techplatform.ConfirmIntro, techplatform.UndoIntro, techplatform.PartIntro,
		guarantee.See, guarantee.Join, guarantee.Leave, guarantee.Earn, guarantee.Import, guarantee.Accept, guarantee.Examine, guarantee.Review,
		guarantee.Approve, guarantee.Refuse, guarantee.Sign, guarantee.Repay, guarantee.Extend, guarantee.Release, guarantee.PayClaim,
		guarantee.Recover, guarantee.WriteOff, guarantee.Cancel, guarantee.Propose, guarantee.Lend, guarantee.MakeOffer, guarantee.Fund,
	}
}
