package ui

import "github.com/a-h/templ"

// Mark is the crane on its ground with one red crown: the brand's sign.
func Mark() templ.Component {
	return raw(`<svg viewBox="0 0 40 40" width="40" height="40" aria-hidden="true"><rect width="40" height="40" rx="6" fill="#0A3644"/><path d="M27 36c1.500-8-9-9.500-9-17.500 0-4.300 3.200-6.500 6-5.300" fill="none" stroke="#fff" stroke-width="3.400" stroke-linecap="round"/><path d="m23.500 11.800 8.700 4-8.600.6z" fill="#fff"/><circle cx="22.300" cy="9.600" r="2.700" fill="#E5484D"/><path d="M6 31.500h10M5 35.500h15" stroke="#7FB5BC" stroke-width="1.600" stroke-linecap="round"/></svg>`)
}

// Scene is the crane among reeds, for the home page and signing in: at most
// once on a page. It hides on phones.
func Scene() templ.Component {
	return raw(`<div class="home-art"><svg class="scene" viewBox="0 0 420 300" width="420" height="300" aria-hidden="true" fill="none" stroke-linecap="round" stroke-linejoin="round"><g stroke="var(--q3)" stroke-width="1.500"><path d="M6 236H150M172 236H300M318 236H414M40 250H120M140 250H262M286 250H388M86 264H210M232 264H330M150 278H266"/></g><g stroke="var(--line-field)" stroke-width="1.400"><path d="M330 236C334 180 338 130 352 84M348 236C350 196 356 150 374 112M312 236C312 200 310 172 302 140M366 236C370 206 378 180 394 158M338 190C352 176 362 170 372 168M318 196C306 184 298 180 288 180"/><path d="M352 84c4-13 11-21 20-25M352 84c1-12 5-21 12-28M352 86c-1-10 0-19 4-27M374 112c5-11 12-17 20-20M374 112c2-10 7-17 13-22M302 140c-5-11-11-17-18-20M302 140c-2-10-6-17-12-22M302 141c1-9 0-16-2-22"/></g><path d="M128 132C140 112 170 104 198 112C224 120 240 138 248 160C230 172 196 178 168 172C144 166 126 152 128 132Z" fill="var(--surface)" stroke="var(--ink-2)" stroke-width="1.600"/><path d="M150 138C172 128 200 130 224 148M162 152C180 146 196 148 210 156" stroke="var(--line-field)" stroke-width="1.300"/><path d="M206 116C242 124 266 152 268 196C258 184 250 178 238 174C244 182 246 190 246 200C236 186 226 178 214 174C232 160 228 134 206 116Z" fill="var(--sea-ink)"/><path d="M136 142C108 128 128 92 110 64C105 56 97 55 91 60" stroke="var(--sea-ink)" stroke-width="9"/><path d="M118 62C113 54 104 49 96 53C89 56 87 63 91 66C99 69 112 68 118 62Z" fill="var(--sea-ink)"/><path d="M89 57 54 69 90 65.500Z" fill="var(--ink-3)"/><path d="M94 53.500C98 47.500 107 47.500 111 53C106 55 99 55.500 94 53.500Z" fill="var(--crane)"/><path d="M180 174 178 204 181 236M204 174 208 204 204 236M181 236l-12 3M181 236l9 3M204 236l-12 3M204 236l10 3" stroke="var(--sea-ink)" stroke-width="2.600"/></svg></div>`)
}

// Reeds is the quiet drawing above an empty page.
func Reeds() templ.Component {
	return raw(`<svg class="art" viewBox="0 0 180 96" width="180" height="96" aria-hidden="true" fill="none" stroke-linecap="round"><path d="M4 84H60M72 84H132M144 84H176M24 92H96" stroke="var(--q3)" stroke-width="1.500"/><path d="M118 84C120 56 126 36 138 18M130 84C131 64 137 46 150 32M108 84C107 64 104 50 96 38M138 18c3-8 7-12 12-14M138 18c1-7 3-11 6-15M150 32c4-6 8-9 13-10M96 38c-3-6-7-10-12-12M96 38c-1-6-3-9-6-12" stroke="var(--line-field)" stroke-width="1.400"/></svg>`)
}
