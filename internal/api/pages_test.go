package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Why an address that people use has no operation.
const (
	form     = "a form: what it leads to has the operation"
	browser  = "sign-in, sessions and language are a browser's; a program has a key"
	secrets  = "no key may make keys, or touch passwords, second factors and logins"
	visitor  = "for somebody who has no account yet, and so no key"
	words    = "words for people: help, privacy, explanations"
	composed = "puts together what other operations answer one by one"
	own      = "the owner's own data as a file, for the person alone"
)

// operations of every address that people use; what begins with a small letter
// and has no operation of that name is the reason why there is none.
var operations = map[string]string{
	"GET /assets/": browser, "GET /language": browser, "/": browser, "/api/": browser,
	"GET /sign-in": browser, "POST /sign-in": browser, "GET /sign-in/code": browser, "POST /sign-in/code": browser,
	"GET /sign-in/enrol": browser, "POST /sign-in/enrol": browser, "POST /sign-out": browser,
	"GET /register": visitor, "POST /register": visitor, "GET /forgot": visitor, "POST /forgot": visitor, "GET /reset": visitor,
	"POST /reset": visitor, "GET /invitation": visitor, "POST /invitation": visitor,
	"GET /me": "getMe listMyGrants", "GET /me/profile": form, "POST /me/profile": "editMe",
	"GET /me/login": secrets, "POST /me/login": secrets, "GET /me/email": secrets, "POST /me/email": secrets,
	"GET /me/password": secrets, "POST /me/password": secrets, "GET /me/factor": secrets, "POST /me/factor": secrets,
	"POST /me/factor/drop": secrets, "POST /me/sessions/{id}/end": browser, "POST /me/sessions/others/end": browser,
	"GET /me/invitation": secrets, "POST /me/invitation": secrets, "GET /me/keys": "getMyKey", "GET /me/keys/new": secrets,
	"POST /me/keys/new": secrets, "POST /me/keys/{id}/end": secrets, "GET /me/close": secrets, "POST /me/close": secrets, "POST /me/export": own,

	"GET /bench/people": "listPeople listInvitations listRoles", "GET /bench/people/invite": form, "POST /bench/people/invite": "invitePerson",
	"POST /bench/people/invitations/{id}/withdraw": "withdrawInvitation", "GET /bench/people/{id}": "getPerson listGrants",
	"GET /bench/people/{id}/grant": form, "POST /bench/people/{id}/grant": "giveRole", "POST /bench/people/{id}/grants/{grant}/end": "endRole",
	"POST /bench/people/{id}/keys/{key}/end": secrets, "POST /bench/people/{id}/{act}": "checkPhone disablePerson enablePerson",

	"GET /size": "testSize", "GET /my/enterprise": "listEnterprises getEnterprise getEnterpriseSize", "POST /my/enterprise": "editEnterprise",
	"GET /my/enterprise/years": "listYears getYear", "POST /my/enterprise/years": "setYear", "GET /my/claims": "listMyClaims",
	"POST /my/claims/{id}": "addEvidence", "GET /bench/enterprises": "listEnterprises", "GET /bench/enterprises/new": form, "GET /bench/enterprises/similar": "listSimilar",
	"POST /bench/enterprises/new": "registerEnterprise", "GET /bench/enterprises/{id}": "getEnterprise listDuplicates listHolders listYears",
	"POST /bench/enterprises/{id}/contact": "getEnterpriseContact", "POST /bench/enterprises/{id}/merge": "mergeEnterprise",
	"POST /bench/enterprises/{id}/distinguish": "distinguishEnterprises",
	"POST /bench/enterprises/{id}/{do}":        "verifyEnterprise rejectEnterprise closeEnterprise reopenEnterprise separateEnterprise",
	"GET /bench/claims":                        "listClaims", "GET /bench/claims/{id}": "getClaim", "POST /bench/claims/{id}": "decideClaim disputeClaim",
	"GET /enterprises/new": form, "POST /enterprises/new": "registerEnterprise fileClaim", "POST /enterprises/new/account": visitor,
	"GET /enterprises/new/done": words,

	"GET /my/claims/{id}/files/{file}": "openMyClaimFile", "GET /bench/claims/{id}/files/{file}": "openClaimFile",
	"GET /institutions": "listPublishedInstitutions", "GET /institutions/{id}": "getPublishedInstitution",
	"GET /my/institution": "listInstitutions getInstitution", "GET /my/institution/profile": form, "POST /my/institution/profile": "editInstitution",
	"GET /my/institution/services": form, "POST /my/institution/services": "addService editService", "POST /my/institution/tasks": "reportTask",
	"GET /bench/institutions": "listInstitutions", "GET /bench/institutions/new": form, "POST /bench/institutions/new": "registerInstitution",
	"GET /bench/institutions/{id}": "getInstitution", "GET /bench/institutions/{id}/edit": form, "POST /bench/institutions/{id}/edit": "editInstitution",
	"GET /bench/institutions/{id}/services": form, "POST /bench/institutions/{id}/services": "addService editService",
	"GET /bench/institutions/{id}/contacts": form, "POST /bench/institutions/{id}/contacts": "listInstitutionContacts",
	"POST /bench/institutions/{id}/contacts/set": "setInstitutionContacts", "POST /bench/institutions/{id}/files": "setInstitutionFiles",
	"POST /my/institution/files": "setInstitutionFiles", "GET /institutions/{id}/files/{file}": "openInstitutionFile",
	"POST /bench/institutions/{id}/{do}": "publishInstitution hideInstitution endInstitution setTier recogniseInstitution withdrawRecognition assignTask editTask",
	"GET /my/messages":                   "listMyMessages getMailWish", "POST /my/messages": "markMessagesRead", "POST /my/messages/wish": "setMailWish",

	"GET /bench/settings": composed, "GET /bench/settings/calendar": "getCalendar", "GET /bench/settings/calendar/import": form,
	"POST /bench/settings/calendar/preview": form, "POST /bench/settings/calendar": "setCalendar", "GET /bench/settings/limits": "listLimits",
	"GET /bench/settings/limits/change": form, "POST /bench/settings/limits/change": "changeLimit", "GET /bench/settings/size": "listSizeRules",
	"GET /bench/settings/size/{set}": "getSizeRule", "GET /bench/settings/size/{set}/edit": form, "POST /bench/settings/size/{set}/edit": "setSizeRule",
	"GET /bench/settings/size/{set}/rows/{row}": form, "POST /bench/settings/size/{set}/rows/{row}": "setSizeRule",
	"GET /bench/settings/regions": "findPlaces listPlacesBelow listPlaceHistory listKeyTowns", "GET /bench/settings/regions/{code}/change": form,
	"POST /bench/settings/regions/{code}/preview": "previewReorganisation", "POST /bench/settings/regions/{code}/change": "reorganisePlaces",
	"GET /bench/settings/regions/{code}/key-town": form, "POST /bench/settings/regions/{code}/key-town": "setKeyTown",
	"GET /bench/settings/audit": "listAudit", "POST /bench/settings/audit/verify": "verifyAudit", "GET /bench/settings/jobs": "listJobs listJobRuns",
	"GET /places/{code}": "getPlace",

	"GET /bench/board": "getBoard", "GET /data": "listFigures listFigureYears", "GET /figures/{id}": "getFigure getFigureRecords", "GET /definitions": "listIndicators",
	"GET /bench/returns": "listReturns getSealedYear", "GET /bench/returns/{region}/{year}": "findReturn getReturn listReturnEvents",
	"POST /bench/returns/{region}/{year}/fill": "openReturn fillReturn", "POST /bench/returns/{region}/{year}/submit": "submitReturn",
	"POST /bench/returns/{region}/{year}/accept": "acceptReturn", "POST /bench/returns/{region}/{year}/return": "sendReturnBack",
	"POST /bench/returns/{region}/{year}/reopen": "reopenReturn", "POST /bench/returns/{region}/{year}/seal": "sealYear",
	"GET /bench/targets": "listTargets", "POST /bench/targets": "setTarget", "GET /yearbook": "readYearbook listEditions getEdition",
	"GET /yearbook/download": "readYearbook", "GET /bench/yearbook": "getDraft", "POST /bench/yearbook/freeze": "freezeYearbook",

	"GET /{$}": composed, "GET /services": words, "GET /services/{theme}": words, "GET /search": "search", "GET /bench/search": composed, "GET /my": composed,
	"GET /help": words, "GET /accessibility": words, "GET /privacy": words, "GET /my/people": "listPeople listInvitations",
	"POST /my/people": "invitePerson", "POST /my/people/{id}/withdraw": "withdrawInvitation",
	"GET /needs/new": form, "POST /needs/new": form, "POST /needs/draft": form, "POST /needs/post": "postNeed", "GET /needs/{id}": "getNeed",
	"GET /needs/{id}/files/{file}": "openNeedFile", "GET /my/needs": "listMyNeeds", "GET /my/needs/{id}": "getNeed", "GET /my/offers": "listOffers",
	"GET /my/offers/{id}": "getNeed", "GET /bench/needs": "listNeeds", "GET /bench/needs/new": form, "POST /bench/needs/new": form,
	"POST /bench/needs/post": "postNeed", "GET /bench/needs/{id}": "getNeed", "GET /bench/callbacks": "listCallbacks",
	"GET /bench/callbacks/{id}/record": form, "POST /bench/callbacks/{id}/record": "recordCallback", "GET /bench": "listTodo",
	"POST /bench/accept": "acceptNeed", "POST /bench/assign": "assignNeed",

	"GET /recognition": "listRecognitionCalls listProposals listPublishedAwards listTitles", "GET /recognition/awards": "listPublishedAwards",
	"GET /recognition/calls/{id}": "getRecognitionCall listCallSubjects", "POST /recognition/calls/{id}/apply": "beginApplication",
	"GET /recognition/public/{id}": "getProposal", "POST /recognition/public/{id}/object": "objectToProposal",
	"GET /recognition/applications/{id}":              "getApplication listReviewers",
	"GET /recognition/applications/{id}/files/{file}": "openApplicationFile", "POST /recognition/applications/{id}/prove": "proveApplication",
	"POST /recognition/applications/{id}/{do}": "fillApplication submitApplication withdrawApplication returnApplication checkApplication " +
		"refuseApplication assignReviewers publiciseApplication answerObjection decideApplication",
	"GET /recognition/awards/{id}": "getAward", "POST /recognition/awards/{id}/{do}": "reportAward recheckAward extendAward downgradeAward revokeAward",
	"GET /my/recognition": "listApplications listAwards listRecognitionCalls", "GET /bench/recognition": "listApplications",
	"GET /bench/recognition/calls": "listRecognitionCalls", "GET /bench/recognition/calls/new": form, "POST /bench/recognition/calls/new": "announceCall",
	"GET /bench/recognition/calls/{id}": "getRecognitionCall listRanking listApplications", "POST /bench/recognition/calls/{id}/close": "closeCall",
	"POST /bench/recognition/calls/{id}/prolong": "prolongCall",
	"GET /bench/recognition/awards":              "listAwards", "GET /bench/recognition/titles": "listTitles", "GET /bench/recognition/titles/new": form, "POST /bench/recognition/titles/new": "addTitle",
	"GET /bench/recognition/titles/{id}": "getTitle", "POST /bench/recognition/titles/{id}": "editTitle",
	"GET /bench/works": "listPlatformWorks", "POST /bench/works/{do}": "confirmPlatformWork returnPlatformWork",
	"GET /bench/recognition/titles/{id}/criteria": form, "POST /bench/recognition/titles/{id}/criteria": "draftCriteria",
	"POST /bench/recognition/titles/{id}/publish": "publishCriteria", "POST /bench/recognition/titles/{id}/drop": "dropCriteria",
	"GET /bench/recognition/ties": "listTies", "POST /bench/recognition/ties/{id}/end": "endTie",
	"POST /bench/reviews/ties": "declareTie", "POST /bench/reviews/ties/{id}/end": "endTie",
	"GET /bench/reviews": "listReviews", "GET /bench/reviews/{id}": "getApplication",
	"POST /bench/reviews/{id}/score": "reviewApplication", "POST /bench/reviews/{id}/recuse": "recuseReview",

	"GET /parks": "listPublishedParks", "GET /parks/space": "listVacancies", "GET /parks/{id}": "getPublishedPark",
	"GET /parks/{id}/photos/{file}": "openPublishedPhoto", "GET /space/new": form, "POST /space/new": "seekSpace applyForSpace",
	"GET /my/space": "listSpaceWishes", "GET /space/{id}": "getSpaceWish",
	"POST /space/{id}/{do}": "applyForSpace acceptSpaceWish refuseSpaceWish moveIn withdrawSpaceWish",
	"GET /bench/parks":      "listParks", "GET /bench/parks/new": form, "POST /bench/parks/new": "registerPark", "GET /bench/parks/{id}": "getPark listTenants",
	"GET /bench/parks/{id}/edit": form, "POST /bench/parks/{id}/edit": "editPark", "GET /bench/parks/{id}/buildings": "getBuilding",
	"POST /bench/parks/{id}/buildings": "addBuilding editBuilding", "POST /bench/parks/{id}/buildings/remove": "removeBuilding", "POST /bench/parks/{id}/photos": "setParkPhotos",
	"POST /bench/parks/{id}/{do}": "publishPark hidePark endPark gradePark ungradePark enterTenant",
	"GET /bench/tenants/{id}":     "getTenant", "POST /bench/tenants/{id}/{do}": "growTenant leaveTenant undoTenant", "GET /bench/space": "listSpaceWishes",
	"GET /bench/parkplans": "listKeyTownProgress", "GET /bench/parkplans/new": form, "POST /bench/parkplans/new": "submitPlan",
	"GET /bench/parkplans/{id}": "getPlan", "GET /bench/parkplans/{id}/files/{file}": "openPlanFile",
	"POST /bench/parkplans/{id}/{do}": "giveOpinion returnPlan revisePlan approvePlan withdrawPlan",

	"GET /platforms": "listPublishedPlatforms", "GET /platforms/{id}": "getPublishedPlatform",
	"GET /platforms/{id}/instruments/{instrument}": "getFreeHours", "GET /platforms/{id}/order": form, "POST /platforms/{id}/order": "placeOrder",
	"GET /industry-bases": "listIndustryBases", "GET /industry-bases/{id}": "getIndustryBase", "GET /orders": "listPlatformOrders",
	"GET /orders/{id}":              "getPlatformOrder",
	"POST /orders/{id}/{do}":        "acceptOrder refuseOrder withdrawOrder rebookOrder deliverOrder confirmOrder disputeOrder rateOrder takeOrderBack",
	"GET /orders/{id}/files/{file}": "openOrderFile", "GET /bench/platforms": "listPlatforms", "GET /bench/platforms/new": form,
	"POST /bench/platforms/new": "registerPlatform", "GET /platforms/{id}/manage": "getPlatform listBookings listPlatformWorks getPlatformWork",
	"POST /platforms/{id}/manage/{do}": "editPlatform setPlatformFounders publishPlatform hidePlatform endPlatform setPlatformLevel addPlatformService " +
		"editPlatformService addInstrument editInstrument blockInstrument unblockInstrument recordPlatformWork withdrawPlatformWork",
	"GET /bench/industry-bases/new": form, "POST /bench/industry-bases/new": "addIndustryBase", "POST /industry-bases/{id}/{do}": "editIndustryBase linkPlatform",

	"GET /patents": "listPublishedPatents", "GET /patents/new": form, "POST /patents/new": "enterPatent", "GET /patents/{id}": "getPublishedPatent getPatent",
	"POST /patents/{id}/{do}": "editPatent recordPatentUse dropPatentUse", "GET /bench/patents": "listPatents",
	"GET /products": "listPublishedProducts listProductGrades", "GET /products/new": form, "POST /products/new": "applyForProduct",
	"GET /products/{id}": "getPublishedProduct getProduct", "GET /products/{id}/files/{file}": "openProductFile",
	"POST /products/{id}/{do}": "reviseProduct checkProduct forwardProduct returnProduct confirmProduct refuseProduct reopenProduct withdrawProduct",
	"GET /my/products":         "listProducts", "GET /bench/products": "listProducts", "POST /bench/products/grades": "setProductGrade",
	"GET /technology": "listPublishedNotices", "GET /technology/new": form, "POST /technology/new": "submitTechnologyNotice",
	"GET /technology/{id}": "getPublishedNotice getTechnologyNotice", "POST /technology/{id}/{do}": "reviseTechnologyNotice checkTechnologyNotice " +
		"publishTechnologyNotice returnTechnologyNotice withdrawTechnologyNotice answerTechnologyNotice",
	"GET /my/technology": "listTechnologyNotices listIntroductions", "GET /bench/technology": "listTechnologyNotices",
	"GET /introductions/{id}": "getIntroduction", "POST /introductions/{id}/{do}": "agreeIntroduction undoIntroduction endIntroduction",

	"GET /guarantors": "listPublishedGuarantors listGuaranteeCoverage", "GET /guarantors/{id}": "getPublishedGuarantor",
	"GET /my/guarantees": "listGuarantees listFinancingNeeds", "GET /guarantees/new": "listServingGuarantors", "POST /guarantees/new": "applyForGuarantee",
	"GET /guarantees/propose": form, "POST /guarantees/propose": "proposeGuarantee", "GET /guarantees": "listGuarantees", "GET /guarantees/{id}": "getGuarantee",
	"POST /guarantees/{id}/{do}": "agreeToGuarantee acceptGuarantee refuseGuarantee withdrawGuarantee examineGuarantee reviewGuarantee approveGuarantee " +
		"signGuarantee confirmLoan repayLoan extendGuarantee releaseGuarantee payClaim recoverClaim writeOffClaim cancelGuarantee relateEnterprise",
	"GET /bench/guarantees/rules": "listGuaranteeRules", "GET /bench/guarantees/rules/new": form, "POST /bench/guarantees/rules/new": "setGuaranteeRule",
	"GET /bench/guarantees/rules/{id}": "listGuaranteeRules", "GET /bench/guarantees/rules/{id}/edit": form, "POST /bench/guarantees/rules/{id}/edit": "setGuaranteeRule",
	"POST /bench/guarantees/rules/{id}/publish": "publishGuaranteeRule",
	"GET /financing": "listFinancingNeeds", "GET /financing/new": form, "POST /financing/new": "postFinancingNeed", "GET /financing/{id}": "getFinancingNeed",
	"POST /financing/{id}/{do}": "makeFinancingOffer chooseFinancingOffer fundFinancingNeed withdrawFinancingNeed", "GET /bench/guarantees": "listGuarantees",
	"GET /bench/guarantees/board": "getGuaranteeBoard", "GET /bench/guarantees/board/{number}": "listGuaranteeBoardRecords",
	"GET /bench/guarantors": "listGuarantors", "GET /bench/guarantors/new": form, "POST /bench/guarantors/new": "openGuarantor",
	"GET /guarantors/{id}/manage": "getGuarantor", "POST /guarantors/{id}/manage/{do}": "keepGuarantor setGuarantorFinance setGuarantorStatement setGuarantorOutlets " +
		"setGuarantorBanks closeGuarantor joinPool payIntoPool leavePool",

	"GET /bench/import": "listImports", "POST /bench/import": "importTable", "GET /bench/import/{id}": "getImport",
	"POST /bench/import/{id}/confirm": "confirmImport", "POST /bench/import/{id}/discard": "discardImport",
	"GET /bench/import/{id}/rejected": "getRejectedRows", "GET /bench/export/{kind}": "exportTable",
	"GET /bench/export/{kind}/template": "getTableTemplate",

	"GET /api": words, "GET /api/v1": words, "GET /openapi.json": words,
}

// steps of a need: what follows the need in the address of a page, the same for
// those who ask, who serve and the office.
var steps = map[string]string{
	"accept": "acceptNeed", "ask": "askRequester", "assign": "assignNeed", "confirm": "confirmNeed", "contact/see": "getNeedContact",
	"deliveries/record": "deliver", "deliveries/{delivery}/confirm": "confirmDelivery", "deliveries/{delivery}/correct": "correctDelivery",
	"deliveries/{delivery}/withdraw": "takeDeliveryBack", "dispute": "disputeNeed", "edit": "editNeed", "extend": "extendNeed",
	"finish": "finishNeed", "offer": "proposeInstitutions offerNeed", "offer/accept": "acceptOffer", "offer/decline": "declineOffer",
	"offer/recall": "recallOffer", "rate": "rateNeed", "refer": "referNeed", "refuse": "refuseNeed", "reopen": "reopenNeed",
	"supply": "supplyNeed", "withdraw": "withdrawNeed",
}

// stepOf is the operation of a step's address; "" for every other.
func stepOf(route string) string {
	for _, view := range []string{"/my/needs/{id}/", "/my/offers/{id}/", "/bench/needs/{id}/"} {
		if do, ok := strings.CutPrefix(route, "POST "+view); ok {
			return steps[do]
		}
		if do, ok := strings.CutPrefix(route, "GET "+view); ok && steps[do] != "" {
			return form
		}
	}
	return ""
}

func TestEveryPageHasAnOperationOrAReason(t *testing.T) {
	w := oneWorld(t)
	routes, err := w.app.Routes()
	if err != nil {
		t.Fatal(err)
	}
	known := w.OperationIDs()
	reasons := []string{form, browser, secrets, visitor, words, composed, own}
	used := map[string]bool{}
	for _, route := range routes {
		if strings.Contains(route, " /api/v1/") {
			continue
		}
		says, ok := operations[route]
		if !ok {
			says = stepOf(route)
		}
		used[route] = true
		switch {
		case says == "":
			t.Errorf("%s has no operation and no reason: give it one in internal/api and in this table", route)
		case slices.Contains(reasons, says):
		default:
			for _, id := range strings.Fields(says) {
				if !slices.Contains(known, id) {
					t.Errorf("%s: there is no operation %s", route, id)
				}
				used[id] = true
			}
		}
	}
	for _, route := range slices.Sorted(maps.Keys(operations)) {
		if !used[route] {
			t.Errorf("%s is no longer an address", route)
		}
	}
}
