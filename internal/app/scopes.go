package app

import (
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

// scopes are what keys can be made for, as plain lists. A key may do what its
// person may do and one of its scopes holds. What is in no scope no key may do:
// making keys, passwords, second factors, sign-in and closing an account.
func scopes() []account.Scope {
	scope := func(name string, may ...authz.Permission) account.Scope {
		return account.Scope{Name: name, Permissions: may}
	}
	return []account.Scope{
		scope("enterprise:read", enterprise.View),
		scope("enterprise:write", enterprise.View, enterprise.Register, enterprise.Edit, enterprise.Verify, enterprise.Reject, enterprise.Close,
			enterprise.Reopen, enterprise.Merge, enterprise.Separate, enterprise.Distinguish, enterprise.Claim, enterprise.DecideClaim, enterprise.DisputeClaim),
		scope("institution:read", institution.See),
		scope("institution:write", institution.See, institution.Register, institution.Edit, institution.Publish, institution.End,
			institution.SetOffering, institution.SetContacts, institution.AssignTask, institution.ReportTask, institution.SetTier,
			institution.SetDemonstration),
		scope("need:read", engagement.See),
		scope("need:write", append(needVerbs(), engagement.See)...),
		scope("guarantee:read", guarantee.See),
		scope("guarantee:write", guarantee.Permissions()...),
		scope("park:read", park.See, park.SeePlan, park.SeeWish),
		scope("park:write", append(park.Permissions(), enterprise.View)...), // whoever enters a tenant finds the enterprise
		scope("platform:read", techplatform.See, techplatform.SeeOrder, techplatform.SeePatent, techplatform.SeeNotice, techplatform.SeeIntro,
			techplatform.SeeProduct),
		scope("platform:write", techplatform.Permissions()...),
		scope("recognition:read", recognition.See, recognition.Review),
		// A decision is handed on to the subject's own record, which asks for its own right.
		scope("recognition:write", append(recognition.Permissions(), park.SetGrade, institution.SetDemonstration, techplatform.SetLevel)...),
		scope("file:write"),
		scope("table:read", enterprise.View, institution.See, engagement.See, guarantee.See, techplatform.See, techplatform.SeePatent,
			techplatform.SeeNotice, techplatform.SeeProduct, park.See, park.SeePlan, recognition.See, indicator.View),
		scope("table:write", append(rowVerbs(), xfer.MayUse)...),
		scope("contact:read", enterprise.View, enterprise.ViewContact, enterprise.ExportContact, institution.See, institution.SeeContacts,
			institution.ExportContacts, engagement.See, engagement.SeeContact),
		scope("figure:read", indicator.View),
		scope("figure:write", indicator.View, indicator.Fill, indicator.Submit, indicator.Accept, indicator.Return, indicator.Reopen,
			indicator.Target, indicator.Seal, indicator.Define),
		scope("yearbook:write", yearbook.Edit, yearbook.Freeze),
		scope("place:write", territory.Reorganise, territory.SetKeyTown),
		scope("person:read", account.See),
		scope("person:write", account.See, account.Invite, account.Withdraw, account.Give, account.End, account.CheckPhone,
			account.Disable, account.Enable),
		scope("me:read"),
		scope("me:write", account.EditProfile),
		scope("setting:write", flow.SetCalendar, flow.SetLimit, enterprise.EditRule),
		scope("audit:read", account.SeeAudit),
		scope("job:read", workbench.SeeJobs),
	}
}

// rowVerbs are what the rows of imported tables may ask for.
func rowVerbs() []authz.Permission {
	return []authz.Permission{
		enterprise.View, enterprise.Register, enterprise.Edit, enterprise.Verify, enterprise.Reject, enterprise.Close,
		institution.See, institution.Register, institution.Edit, institution.Publish, institution.End, institution.SetTier,
		institution.SetDemonstration, institution.SetContacts, indicator.View, indicator.Fill, indicator.Target, guarantee.See, guarantee.Import,
		guarantee.Confirm, guarantee.Keep, guarantee.Join, guarantee.Leave,
		techplatform.See, techplatform.RecordWork, techplatform.SeePatent, techplatform.KeepPatent, techplatform.SeeNotice, techplatform.EnterNotice,
		techplatform.SeeProduct, techplatform.ConfirmProduct, techplatform.Register, techplatform.Edit, techplatform.Publish, techplatform.End,
		techplatform.SetService, techplatform.SetInstrument, techplatform.SetBase, park.See, park.Register, park.Edit, park.Publish,
		park.SetBuilding, park.Enter, park.Leave, park.SeePlan, park.SubmitPlan, park.ApprovePlan,
		recognition.See, recognition.Decide, park.SetGrade, techplatform.SetLevel,
	}
}

// needVerbs are every step in the life of a need.
func needVerbs() []authz.Permission {
	return []authz.Permission{
		engagement.Post, engagement.Edit, engagement.Accept, engagement.Refuse, engagement.Assign, engagement.Ask, engagement.Supply,
		engagement.Refer, engagement.Extend, engagement.MakeOffer, engagement.Recall, engagement.AcceptWork, engagement.Decline,
		engagement.Deliver, engagement.Correct, engagement.TakeBack, engagement.Finish, engagement.ConfirmOne, engagement.Confirm,
		engagement.Dispute, engagement.Rate, engagement.Withdraw, engagement.Reopen, engagement.MakeCallback, engagement.Supervise,
	}
}
