// Every word of the console, in Chinese and English. What customers read is not here: data/responses/desk.yml.

import { EN as INSIGHTS_EN, LABELS as INSIGHTS_LABELS, ZH as INSIGHTS_ZH } from "./strings-insights.js";

const KEPT = "desk:language";

/** Topics: the reasons of hand-overs, and the skills of agents. */
export const REASONS = [
  "overdue_help", "ask_amount_due", "ask_late_fee", "ask_minimum_payment", "ask_due_date", "ask_credit_impact",
  "ask_repayment_channels", "ask_autopay", "ask_card_status", "request_instalment", "request_deferral",
  "request_fee_waiver", "promise_to_pay", "report_hardship", "report_payment_made", "dispute_charge",
  "complain_collection", "ask_legal_consequence", "ask_application_status", "request_document", "in_distress",
];

const ZH = {
  insights: INSIGHTS_ZH,
  tag: "zh-CN", title: "坐席工作台", otherLanguage: "English", loading: "正在加载…", comma: "、", openBracket: "（", closeBracket: "）", skip: "跳到主要内容",
  today: "今天", yesterday: "昨天",
  waitsFor: (time) => `客户等了 ${time}`, seconds: (n) => `${n} 秒`, minutes: (n) => `${n} 分钟`, hours: (h, m) => (m ? `${h} 小时 ${m} 分` : `${h} 小时`), days: (n) => `${n} 天`,
  pagesName: "页面", pages: { chats: "对话", calls: "外呼", supervise: "现场", insights: "洞察", search: "查找", agents: "账号", audit: "操作记录" },
  signIn: "登录", signInOidc: "用银行账号登录", signOut: "退出登录", userName: "用户名", password: "密码", wrongSignIn: "用户名或密码不对。",
  changePassword: "修改密码", passwordChanged: "密码已修改。", oldPassword: "现在的密码", newPassword: "新密码", newPasswordAgain: "再输一次新密码",
  passwordHint: (n) => `至少 ${n} 个字符，越长越好，不要和别处用同一个。`, oneTimePassword: "一次性密码",
  mustChangeTitle: "请先设一个自己的密码", mustChange: "现在的密码是别人给您的，只能用一次。换成自己的密码以后就可以开始工作。",
  accountOf: (name) => `账号：${name}`, roles: { agent: "坐席", supervisor: "班长", administrator: "管理员" },
  status: "状态", statuses: { available: "接待中", away: "离开" }, offline: "不在线", sound: "提示音", keys: "快捷键",
  offlineBanner: "连接断开了，正在重新连接。看到的可能不是最新的。",
  queue: "队列", tabs: { waiting: "排队", mine: "我的", later: "留言", live: "全部" }, filter: "在列表里找", nothingFound: "没有找到。",
  nothingIn: { waiting: "现在没有人在排队。", mine: "您手上没有对话。", later: "没有留言的客户。", live: "现在没有别人在接待。" },
  visitor: "未登录的访客", draft: "［草稿］", isWriting: "正在输入…", unread: (n) => `${n} 条未读`, callback: "要回电",
  priorities: { urgent: "紧急", high: "优先", normal: "普通" }, languages: { zh: "中文", en: "英文" },
  arrived: (name) => `${name} 开始排队`, given: (name) => `${name} 转到了您这里`, heard: (name, text) => `${name}：${text}`,
  chooseOne: "从左边选一个对话。", chooseHint: "J 和 K 上下移动，回车打开，问号查看全部快捷键。",
  details: "资料", customer: "客户", assistant: "助手", agent: "坐席", you: "我", desk: "工作台", transcript: "对话内容",
  older: "更早的消息", newMessages: "有新消息", file: "文件",
  noteOf: (name) => `${name}的内部备注，客户看不到`, whisperOf: (name) => `${name}的提示，客户看不到`,
  delivery: { posting: "正在发送…", sending: "正在送达…", sent: "已送达", failed: "还没送到，正在重试", refused: "没能送到客户" },
  notSent: "没有发出去。", sendAgain: "重新发送", takeBack: "放回输入框",
  writes: (who) => `${who}正在输入…`, alsoHere: (names) => `${names} 也在看这个对话`,
  window: {
    open: (channel, until, left) => `${channel}：${until} 前可回复，还能发 ${left} 条`,
    soon: (channel, duration) => `${channel}：只剩 ${duration} 可以回复，过后要等客户再来消息`,
    few: (channel, left) => `${channel}：只能再发 ${left} 条，建议合并成一条写完；客户再来消息后重新计数`,
    closed: (channel) => `${channel}：现在不能回复。您写的消息会保留，客户再来消息时送出`,
    waiting: (count) => `${count} 条还没送出`,
    undelivered: (count) => `${count} 条被拒收，客户没有收到`,
  },
  heldByColleague: (name) => `${name} 在接待这个对话。`,
  heldBy: (name) => `${name} 在接待。您可以写内部备注，不能回复客户。`,
  holds: { waiting: "客户在等人工。接入以后就能回复。", later: "客户留了言，助手还在陪着。接入以后就能回复。", bot: "助手在接待客户。", elsewhere: "企业微信的同事在接待客户，要在企业微信里回复。", wrapped_up: "对话已经结束。" },
  verified: "已核实身份", notVerified: "未核实身份",
  states: { bot: "助手接待", later: "留言", waiting: "排队", agent: "人工接待", elsewhere: "企业微信人工接待", wrapped_up: "已结束" },
  modeOf: "写给谁", modes: { reply: "回复客户", note: "内部备注", whisper: "提示坐席" },
  placeholders: { reply: "回复客户，输入 / 选常用语", note: "只给同事看的备注", whisper: "只有接待的坐席能看到" },
  send: "发送", attach: "发文件", canned: "常用语", findCanned: "找常用语", uploading: (name) => `正在发送 ${name}`, uploaded: (name) => `已发送 ${name}`,
  claimFirst: "先接入这个对话，才能回复客户。",
  acts: { claim: "接入", assign: "指派", transfer: "转接", hand_back: "交回助手", close: "结束", take_over: "接管", callback: "约回电", called: "已回电" },
  done: { claim: "已接入", assign: "已指派", transfer: "已转接", hand_back: "已交回助手", close: "已结束", take_over: "已接管", callback: "已约回电", tags: "标签已保存", notes: "备注已保存", whisper: "提示已发出" },
  toWhom: "给谁", anyone: "回到队列，谁有空谁接", anyoneWith: (skill) => `回到队列，给会“${skill}”的人`, transferNote: "给接手的人写一句",
  transferHint: "客户看不到。说清楚谈到哪里、还差什么。", handBackIntro: "助手接着回答客户，您说过的话都在对话里。", noteForColleagues: "给同事的备注",
  closeIntro: "客户会看到对话结束，并可以评价。客户再写消息时由助手接待。", outcome: "结果", closeReason: "说明",
  takeOverIntro: (name) => `接管以后由您回复客户，${name} 不能再回复。`, callIntro: "8:00 到 22:00 之间，北京时间，同一天内。", callFrom: "最早", callUntil: "最晚", callNote: "备注",
  ok: "确定", cancel: "取消", close: "关闭", save: "保存", saved: "已保存。", add: "添加", edit: "修改", create: "创建", more: "更多",
  parts: { summary: "概况", requests: "办理", history: "经过", canned: "常用语" },
  tags: "标签", addTag: "添加标签", removeTag: (tag) => `删除标签 ${tag}`, moves: "经过", earlier: "以前的对话", noEarlier: "没有以前的对话。",
  who: "谁", why: "原因", what: "做了什么", when: "时间", about: "对象", reason: "事由", language: "语言", number: "人数", name: "姓名", role: "角色",
  load: "接待数", skills: "擅长", capacity: "同时接待上限", account: "账号状态", active: "可用", inactive: "停用", since: "已接待", lastWord: "最后一句", lastAt: "最后时间", state: "状态", text: "内容", from: "从", until: "到", any: "不限", customerId: "客户号",
  search: "查找", searchHint: "对话里说过的话", export: "导出 CSV", longestWait: "最长等待", late: "超时", liveChats: "正在接待", agentsHere: "在线坐席", freePlaces: "还能接", waitingByTopic: "排队：按事由和时长", whoIsHere: "谁在岗", nobodyHere: "没有坐席在线。", nobodyWaits: "现在没有人在排队。",
  under: (n) => `${n} 分钟内`, between: (a, b) => `${a}–${b} 分钟`, over: (n) => `${n} 分钟以上`, openOldest: "打开等最久的",
  newAgent: "新账号", signInBy: "登录方式", displayName: "显示名", displayNameHint: "客户和同事看到的名字。", userNameHint: "登录用，小写字母和数字。", resetPassword: "重置密码", resetIntro: (name) => `${name} 会退出登录，并要用新的一次性密码重新登录。`, autoAssign: "自动分配对话给我", byHand: "自己接入", oneTimeUntil: (time) => `请在 ${time} 前登录并换成自己的密码，过期要重新生成。`, oneTimeUnused: "一次性密码未换", oneTimeExpired: "一次性密码已过期", oneTimeIntro: "请当面或用安全的方式交给本人，只显示这一次：",
  summary: {
    who: "客户", name: "姓名", customerId: "客户号", phone: "手机", language: "语言", identity: "身份", total: "应还总额", principal: "本金", interest: "利息", late_fee: "违约金", other_fees: "其他费用", remaining_minimum: "最低还差", paid_since: "账单后已还", pending: "还款在途", disputed: "争议金额", due_date: "还款日", grace: "宽限到", firstTime: "首次逾期", yes: "是",
    why: "为什么转人工", trigger: "原因", priority: "轻重", asked: "提出时间", reference: "编号", callback: "希望回电", reason: "来意", topics: "谈到", cause: "逾期原因", capacity: "每月能还", mood: "情绪", offered: "已经给出的方案", refused: "客户不要的", filed: "这次提交的", suggestions: "建议下一步",
    open_requests: "在办的申请", promises: "还款承诺", contacts: "近 90 天联系", unavailable: "银行系统暂时没有回应，账户数字拿不到。", partial: (what) => `银行没有给出：${what}。`, notVerified: "客户没有登录，不能查看账户。请不要在对话里谈账户数字。", notVerifiedShort: "未核实", verifiedUntil: (at) => `银行登录，有效至 ${at}`, verifiedBefore: (at) => `登录已过期（${at} 核实过）`,
    offers: (kind) => `查${kind}方案`, none: "没有", refresh: "重新获取", card: (last4) => `尾号 ${last4}`, daysPastDue: (n) => `逾期 ${n} 天`, terms: (n) => `${n} 期`, perTerm: (amount) => `每期 ${amount}`, totalCost: (amount) => `共 ${amount}`, answerBy: (day) => `${day} 前答复`, paid: (amount) => `已还 ${amount}`,
  },
  calling: {
    none: "现在没有要打的电话。", chooseOne: "从左边选一个电话。", chooseHint: "J 和 K 上下移动，回车打开，C 领取。", take: "领取并查看话术", taken: "已领取", until: (time) => `${time} 前`, attempts: (n) => (n === 0 ? "还没打过" : `没接通 ${n} 次`), lastAt: (time) => `上次 ${time}`, hasIt: (name) => `${name} 正在打`, mine: "我领取的",
    beforeTaking: "领取时会再核对一次：账户现状、客户的联系意愿、今天的联系次数。领取后 45 分钟内归您。", script: "话术", number: "显示客户号码", numberHint: "会记入操作记录，一分钟后收起。", call: (number) => `拨打 ${number}`, result: "结果", outcomes: { answered: "接通了", no_answer: "没人接", refused: "客户不愿谈" }, reason: "逾期原因（客户说了才填）", unsaid: "没有说", note: "备注", noteHint: "谈到什么、约定了什么。不要写卡号和证件号。", acts: "承诺、分期、延期等，在右边“办理”里代客户提交。", save: "保存结果", saved: "结果已保存。", release: "放回列表", released: "已放回列表。", readAloud: "读给客户听", outcomeFirst: "请先选择结果。", again: (rule, time) => `现在不能打：${rule}。${time ? `${time} 以后再看。` : ""}`, over: (rule) => `不用再打了：${rule}。已从列表中去掉。`,
  },
  unmask: "显示对话里的完整号码", unmaskIntro: "谁看了、为什么看，会记入操作记录。", unmaskNothing: "对话里没有被遮住的号码。", unmaskReason: "为什么要看", unmaskShown: "一分钟后自动收起。",
  requests: {
    open: "申请", offers: "查看方案，代客户提交", card: "卡片", kind: "办什么", quotes: "查看方案", amount: "金额", monthly: "每月能还", terms: "期数", until: "延到", answer: "最晚答复", none: "银行现在没有可办的方案。", choose: "选这个", code: "客户告诉您的验证码", code_intro: (phone) => `验证码已发到客户手机 ${phone}。请客户看过方案、同意以后，再把验证码告诉您。`, check: "确认并提交", filed: (reference) => `已提交，申请编号 ${reference}。`,
    hardship: "困难声明", autoDebit: "自动还款", hardshipIntro: "先请客户看材料说明，在对话里表示同意，再提交。材料可以以后补。", consent: "材料说明", sendWording: "还没有，先把说明放进回复框", consented: "客户在对话里同意了", statement: "客户怎么说的（可不填）", next: "下一步", debitOrder: "怎么扣", debitOff: "关闭自动还款", debitAccount: "扣款账户", debitSet: (text) => `自动还款：${text}。`,
    withdraw: "撤回", decide: "审批（演示银行）", decision: "决定", approve: "批准", decline: "不批准", decisionNote: "给客户的话", notVerified: "客户没有登录，不能代办。", claimFirst: "先接入这个对话，才能代客户办理。", reasonOf: "客户的逾期原因", promise: "记一个还款承诺", payOn: "哪天还", promised: (reference) => `已记下承诺 ${reference}。`, contact: "记一次联系", when: "时间", channel: "方式", direction: "方向", outcome: "结果", logged: "已记下。",
    perTerm: "每期", totalInterest: "利息合计", totalCost: "一共还", dueThen: "到时应还", extraInterest: "增加的利息", annualised: "年化利率（单利）", firstDue: "首期",
  },
  keyList: [
    ["J K", "在队列里上下移动"], ["Enter", "打开对话；在输入框里发送"], ["C", "接入"], ["T", "转接"], ["B", "交回助手"], ["E", "结束对话"], ["R", "回复客户"], ["N", "写内部备注"], ["/", "选常用语"],
    ["Shift Enter", "换行"], ["Esc", "离开输入框，回到队列"], ["[ ]", "换队列标签"], ["Alt ↑ ↓", "上一个、下一个对话（输入时也能用）"], ["Alt U", "下一个有新消息的对话"], ["Alt N", "回复和备注之间切换"], ["Alt 1…4", "右侧：概况、办理、经过、常用语"], ["?", "显示这张表"],
  ],
  problems: {
    unreachable: "连不上服务器，请稍后再试。", unauthorised: "登录已经失效，请重新登录。", forbidden: "您的账号没有这个权限。", csrf: "页面太旧了，请刷新后再试。", "not-found": "没有找到。", "already-claimed": "别人已经接入了这个对话。", "call-taken": "别人已经领取，或正在给这位客户打电话。", "call-open": "您手上还有一个电话，先填结果或放回。", "call-over": "不用再打了。", "call-later": "现在不能打。", "call-not-held": "这个电话已经不归您，请看列表。", "no-number": "银行没有这位客户的号码。", "not-yours": "这个对话现在不归您接待，没有发给客户。", "illegal-move": "对话的状态变了，现在不能这样做。", "agent-away": "这位同事现在不在岗。",
    "exists-already": "已经有这个名字了。", "file-too-large": "文件太大，最大 10 MB。", "file-type": "只能发 PDF、JPEG 或 PNG。", "weak-password": "密码太短或太简单，请换一个。", "call-time": "回电时间要在以后，最晚要晚于最早。", "call-hours": "只能约在同一天的 8:00 到 22:00 之间。", "rate-limited": "试得太多了，请过一会儿再试。", "passwords-differ": "两次输入的新密码不一样。", "wrong-sign-in": "密码不对。",
    "invalid-request": "填写的内容不对，请检查。", unavailable: "服务暂时不可用，请稍后再试。", "bank-unavailable": "银行系统暂时没有回应，请稍后再试。", internal: "服务器出错了，请稍后再试。", "wrong-code": "验证码不对。", "code-expired": "验证码过期了，请重新发送。", "too-many-attempts": "验证码错了太多次，请重新发送。", "quote-expired": "方案已经过期，请重新查看。", "not-eligible": "按银行的规则，现在不能办。", "proof-required": "需要客户的验证码。", "not-offered": "银行没有开放这项功能。", "not-verified": "客户没有登录。", "not-withdrawable": "现在不能撤回了。", "changed-meanwhile": "内容刚刚变了，请重新查看。", "consent-required": "要客户先同意处理材料。", "idempotency-conflict": "这个操作已经提交过，内容不同。", "last-administrator": "至少要留一位管理员。", "password-change-required": "请先修改密码。", "password-expired": "一次性密码已经过期，请找管理员重新生成。",
  },
  otherProblem: (type) => `没有成功（${type}）。`,
};

const EN = {
  insights: INSIGHTS_EN,
  tag: "en-GB", title: "Agents' desk", otherLanguage: "中文", loading: "Loading…", comma: ", ", openBracket: " (", closeBracket: ")", skip: "Skip to content",
  today: "Today", yesterday: "Yesterday",
  waitsFor: (time) => `waits for ${time}`, seconds: (n) => `${n} s`, minutes: (n) => `${n} min`, hours: (h, m) => (m ? `${h} h ${m} min` : `${h} h`), days: (n) => (n === 1 ? "1 day" : `${n} days`),
  pagesName: "Pages", pages: { chats: "Chats", calls: "Calls", supervise: "Floor", insights: "Insights", search: "Search", agents: "Accounts", audit: "Audit" },
  signIn: "Sign in", signInOidc: "Sign in with the bank's account", signOut: "Sign out", userName: "User name", password: "Password", wrongSignIn: "The user name or the password is wrong.",
  changePassword: "Change password", passwordChanged: "The password was changed.", oldPassword: "Current password", newPassword: "New password", newPasswordAgain: "New password again",
  passwordHint: (n) => `At least ${n} characters, better more, and used nowhere else.`, oneTimePassword: "One-time password",
  mustChangeTitle: "Choose a password of your own", mustChange: "The present one was given to you and works once. With your own password you can begin.",
  accountOf: (name) => `Account: ${name}`, roles: { agent: "Agent", supervisor: "Supervisor", administrator: "Administrator" },
  status: "Status", statuses: { available: "Available", away: "Away" }, offline: "Offline", sound: "Sound", keys: "Keyboard shortcuts",
  offlineBanner: "The connection is lost, reconnecting. What you see may be old.",
  queue: "Queue", tabs: { waiting: "Waiting", mine: "Mine", later: "Later", live: "All" }, filter: "Find in this list", nothingFound: "Nothing found.",
  nothingIn: { waiting: "Nobody is waiting.", mine: "You have no chats.", later: "Nobody left a wish.", live: "Nobody else has a chat." },
  visitor: "Visitor, not signed in", draft: "[Draft]", isWriting: "is writing…", unread: (n) => `${n} unread`, callback: "Call back",
  priorities: { urgent: "Urgent", high: "High", normal: "Normal" }, languages: { zh: "Chinese", en: "English" },
  arrived: (name) => `${name} is waiting`, given: (name) => `${name} was given to you`, heard: (name, text) => `${name}: ${text}`,
  chooseOne: "Choose a conversation on the left.", chooseHint: "J and K move, Enter opens, ? lists all shortcuts.",
  details: "Details", customer: "Customer", assistant: "Assistant", agent: "Agent", you: "You", desk: "Desk", transcript: "Conversation",
  older: "Earlier messages", newMessages: "New messages", file: "File",
  noteOf: (name) => `Note by ${name}, not shown to the customer`, whisperOf: (name) => `${name} whispers, not shown to the customer`,
  delivery: { posting: "Sending…", sending: "On its way…", sent: "Delivered", failed: "Not delivered yet, trying again", refused: "Could not be delivered" },
  notSent: "Not sent.", sendAgain: "Send again", takeBack: "Back to the field",
  writes: (who) => `${who} is writing…`, alsoHere: (names) => `${names} also looks at this conversation`,
  window: {
    open: (channel, until, left) => `${channel}: you can reply until ${until}, ${left} more messages`,
    soon: (channel, duration) => `${channel}: only ${duration} left to reply; after that the customer has to write first`,
    few: (channel, left) => `${channel}: only ${left} more ${left === 1 ? "message" : "messages"} until the customer writes again; best to put everything into one`,
    closed: (channel) => `${channel}: no reply gets through now. What you write is kept and sent when the customer writes again`,
    waiting: (count) => `${count} not sent yet`,
    undelivered: (count) => `${count} refused; the customer did not get it`,
  },
  heldByColleague: (name) => `${name} has this conversation now.`,
  heldBy: (name) => `${name} has this conversation. You can write notes, but not to the customer.`,
  holds: { waiting: "The customer is waiting. Claim the conversation to reply.", later: "The customer left a wish and is with the assistant. Claim the conversation to reply.", bot: "The assistant has this conversation.", elsewhere: "Colleagues in WeCom have this conversation, and answer it there.", wrapped_up: "This conversation is closed." },
  verified: "Identity verified", notVerified: "Identity not verified",
  states: { bot: "Assistant", later: "Later", waiting: "Waiting", agent: "With an agent", elsewhere: "With people in WeCom", wrapped_up: "Closed" },
  modeOf: "To whom", modes: { reply: "Reply", note: "Note", whisper: "Whisper" },
  placeholders: { reply: "Reply to the customer, / for canned replies", note: "A note that only colleagues see", whisper: "Only the agent of this chat sees it" },
  send: "Send", attach: "Send a file", canned: "Canned replies", findCanned: "Find a canned reply", uploading: (name) => `Sending ${name}`, uploaded: (name) => `${name} was sent`,
  claimFirst: "Claim this conversation first, then you can reply.",
  acts: { claim: "Claim", assign: "Assign", transfer: "Transfer", hand_back: "Hand back", close: "Close", take_over: "Take over", callback: "Call-back", called: "Called" },
  done: { claim: "Claimed", assign: "Assigned", transfer: "Transferred", hand_back: "Handed back to the assistant", close: "Closed", take_over: "Taken over", callback: "Call-back noted", tags: "Tags saved", notes: "Note saved", whisper: "Whispered" },
  toWhom: "To", anyone: "Back to the queue, for anyone", anyoneWith: (skill) => `Back to the queue, for skill “${skill}”`, transferNote: "A word for whoever takes it",
  transferHint: "The customer does not see it. Say how far you came and what is missing.", handBackIntro: "The assistant goes on with the customer. What you said stays in the conversation.", noteForColleagues: "Note for colleagues",
  closeIntro: "The customer sees that it is closed and may rate it. If the customer writes again, the assistant answers.", outcome: "Outcome", closeReason: "What happened",
  takeOverIntro: (name) => `From then on you reply to the customer and ${name} cannot.`, callIntro: "Between 8:00 and 22:00, Beijing time, on one day.", callFrom: "Earliest", callUntil: "Latest", callNote: "Note",
  ok: "OK", cancel: "Cancel", close: "Close", save: "Save", saved: "Saved.", add: "Add", edit: "Edit", create: "Create", more: "More",
  parts: { summary: "Summary", requests: "Requests", history: "History", canned: "Canned" },
  tags: "Tags", addTag: "Add a tag", removeTag: (tag) => `Remove tag ${tag}`, moves: "What happened", earlier: "Earlier conversations", noEarlier: "No earlier conversations.",
  who: "Who", why: "Why", what: "What", when: "When", about: "About", reason: "Topic", language: "Language", number: "Number", name: "Name", role: "Role",
  load: "Load", skills: "Skills", capacity: "Chats at once", account: "Account", active: "Active", inactive: "Disabled", since: "For", lastWord: "Last words", lastAt: "Last message", state: "State", text: "Text", from: "From", until: "Until", any: "Any", customerId: "Customer id",
  search: "Search", searchHint: "Words of the conversation", export: "Export CSV", longestWait: "Longest wait", late: "Too late", liveChats: "Live chats", agentsHere: "Agents online", freePlaces: "Free places", waitingByTopic: "Waiting, by topic and age", whoIsHere: "Who is here", nobodyHere: "No agent is online.", nobodyWaits: "Nobody is waiting.",
  under: (n) => `< ${n} min`, between: (a, b) => `${a}–${b} min`, over: (n) => `> ${n} min`, openOldest: "Open the oldest",
  newAgent: "New account", signInBy: "Signs in by", displayName: "Display name", displayNameHint: "What customers and colleagues see.", userNameHint: "For signing in: small letters and digits.", resetPassword: "Reset password", resetIntro: (name) => `${name} is signed out and has to sign in with a new one-time password.`, autoAssign: "Give me conversations", byHand: "claims by hand", oneTimeUntil: (time) => `To be changed by ${time}; after that a new one is needed.`, oneTimeUnused: "One-time password", oneTimeExpired: "One-time password expired", oneTimeIntro: "Hand it over in person or by a safe way. It is shown only now:",
  summary: {
    who: "Customer", name: "Name", customerId: "Customer id", phone: "Phone", language: "Language", identity: "Identity", total: "Owed in all", principal: "Principal", interest: "Interest", late_fee: "Late fee", other_fees: "Other fees", remaining_minimum: "Left of the minimum", paid_since: "Paid since the bill", pending: "Payment on its way", disputed: "Disputed", due_date: "Due date", grace: "Grace until", firstTime: "First time overdue", yes: "yes",
    why: "Why a person", trigger: "Why", priority: "Priority", asked: "Asked at", reference: "Reference", callback: "Wants a call", reason: "What it is about", topics: "Talked about", cause: "Reason for the arrears", capacity: "Can pay a month", mood: "Mood", offered: "Offered", refused: "Turned down", filed: "Filed here", suggestions: "Suggested next steps",
    open_requests: "Open requests", promises: "Promises to pay", contacts: "Contacts of 90 days", unavailable: "The bank does not answer just now, so there are no figures.", partial: (what) => `The bank did not give: ${what}.`, notVerified: "The customer is not signed in: no account can be shown. Please do not talk about figures.", notVerifiedShort: "not verified", verifiedUntil: (at) => `bank sign-in, until ${at}`, verifiedBefore: (at) => `sign-in has run out (verified ${at})`,
    offers: (kind) => `Offers: ${kind}`, none: "None", refresh: "Fetch again", card: (last4) => `Card ending ${last4}`, daysPastDue: (n) => (n === 1 ? "1 day past due" : `${n} days past due`), terms: (n) => `${n} terms`, perTerm: (amount) => `${amount} each`, totalCost: (amount) => `${amount} in all`, answerBy: (day) => `answer by ${day}`, paid: (amount) => `${amount} paid`,
  },
  calling: {
    none: "There is no call to be made now.", chooseOne: "Choose a call on the left.", chooseHint: "J and K move, Enter opens, C takes it.", take: "Take the call", taken: "Taken", until: (time) => `until ${time}`, attempts: (n) => (n === 0 ? "not tried yet" : n === 1 ? "1 attempt, nobody there" : `${n} attempts, nobody there`), lastAt: (time) => `last ${time}`, hasIt: (name) => `${name} is calling`, mine: "Taken by you",
    beforeTaking: "When you take it, everything is checked once more: the account, the customer's wishes, and today's contacts. It is yours for 45 minutes.", script: "Script", number: "Show the customer's number", numberHint: "Goes on record, and is put away after a minute.", call: (number) => `Call ${number}`, result: "Result", outcomes: { answered: "Reached", no_answer: "Nobody there", refused: "Does not want to talk" }, reason: "Reason for the arrears, if the customer said", unsaid: "Not said", note: "Note", noteHint: "What was said and agreed. No card or identity numbers.", acts: "Promises, instalments, deferrals and more: on the right, under Requests.", save: "Save the result", saved: "The result is saved.", release: "Put back", released: "Back on the list.", readAloud: "To be read to the customer", outcomeFirst: "Choose a result first.", again: (rule, time) => `No call now: ${rule}.${time ? ` Look again after ${time}.` : ""}`, over: (rule) => `No call needed any longer: ${rule}. It is off the list.`,
  },
  unmask: "Show the full numbers", unmaskIntro: "Who looked, and why, goes on record.", unmaskNothing: "No number is masked in this conversation.", unmaskReason: "Why it is needed", unmaskShown: "Put away again after a minute.",
  requests: {
    open: "Requests", offers: "Offers, to file for the customer", card: "Card", kind: "What", quotes: "Show offers", amount: "Amount", monthly: "Can pay a month", terms: "Terms", until: "Until", answer: "Answer by", none: "The bank has no offer for this now.", choose: "Choose", code: "Code that the customer told you", code_intro: (phone) => `The code went to the customer's phone ${phone}. Ask for it once the customer has read the offer and agrees.`, check: "Confirm and file", filed: (reference) => `Filed. The reference is ${reference}.`,
    hardship: "Hardship declaration", autoDebit: "Automatic debit", hardshipIntro: "First the customer reads the note on papers and agrees to it in the chat. The papers may follow.", consent: "Note on papers", sendWording: "Not yet: put the note into the reply", consented: "The customer agreed in the chat", statement: "In the customer's words (optional)", next: "Next", debitOrder: "What to debit", debitOff: "Switch it off", debitAccount: "From", debitSet: (text) => `Automatic debit: ${text}.`,
    withdraw: "Withdraw", decide: "Decide (demonstration bank)", decision: "Decision", approve: "Approve", decline: "Decline", decisionNote: "A word to the customer", notVerified: "The customer is not signed in, so nothing can be filed.", claimFirst: "Claim this conversation first, then you can act for the customer.", reasonOf: "The customer's reason for the arrears", promise: "Note a promise to pay", payOn: "Pays on", promised: (reference) => `The promise ${reference} is noted.`, contact: "Log a contact", when: "When", channel: "By", direction: "Direction", outcome: "Outcome", logged: "Logged.",
    perTerm: "Each", totalInterest: "Interest in all", totalCost: "To pay in all", dueThen: "Due then", extraInterest: "Extra interest", annualised: "Annualised rate (simple)", firstDue: "First due",
  },
  keyList: [
    ["J K", "Move in the queue"], ["Enter", "Open the conversation; send in the field"], ["C", "Claim"], ["T", "Transfer"], ["B", "Hand back to the assistant"], ["E", "Close"], ["R", "Reply"], ["N", "Write a note"], ["/", "Canned replies"],
    ["Shift Enter", "New line"], ["Esc", "Leave the field, to the queue"], ["[ ]", "Other tab of the queue"], ["Alt ↑ ↓", "Previous, next conversation (also while writing)"], ["Alt U", "Next conversation with news"], ["Alt N", "Switch between reply and note"], ["Alt 1…4", "Right side: summary, requests, history, canned"], ["?", "This list"],
  ],
  problems: {
    unreachable: "The server cannot be reached. Please try again later.", unauthorised: "Your session has ended. Please sign in again.", forbidden: "Your account may not do this.", csrf: "This page is too old. Please reload it.", "not-found": "Not found.", "already-claimed": "Somebody else has claimed it.", "call-taken": "Somebody else has it, or calls this customer.", "call-open": "You have another call: save its result or put it back first.", "call-over": "No call is needed any longer.", "call-later": "No call is allowed now.", "call-not-held": "This call is no longer yours; see the list.", "no-number": "The bank has no number of this customer.", "not-yours": "This conversation is not yours now; nothing was sent to the customer.", "illegal-move": "The conversation has changed; this is not possible now.", "agent-away": "This colleague is not there now.",
    "exists-already": "This name is taken.", "file-too-large": "The file is too large: at most 10 MB.", "file-type": "Only PDF, JPEG and PNG can be sent.", "weak-password": "This password is too short or too simple.", "call-time": "A call is in the future, and its end after its beginning.", "call-hours": "Customers are called between 8:00 and 22:00, on one day.", "rate-limited": "Too many attempts. Please wait a while.", "passwords-differ": "The two new passwords differ.", "wrong-sign-in": "The password is wrong.",
    "invalid-request": "Something is not filled in properly.", unavailable: "Not available just now. Please try again later.", "bank-unavailable": "The bank does not answer just now. Please try again later.", internal: "The server failed. Please try again later.", "wrong-code": "The code is wrong.", "code-expired": "The code has expired. Please send a new one.", "too-many-attempts": "Too many wrong codes. Please send a new one.", "quote-expired": "The offer has expired. Please fetch it again.", "not-eligible": "By the bank's rules this is not possible now.", "proof-required": "The customer's code is needed.", "not-offered": "The bank does not offer this.", "not-verified": "The customer is not signed in.", "not-withdrawable": "It can no longer be withdrawn.", "changed-meanwhile": "It has just changed. Please look again.", "consent-required": "The customer has to consent first.", "idempotency-conflict": "This was done already, in another way.", "last-administrator": "One administrator has to remain.", "password-change-required": "Please change your password first.", "password-expired": "The one-time password has expired. Please ask an administrator for a new one.",
  },
  otherProblem: (type) => `It did not work (${type}).`,
};

// What comes as a name of the program and is read as words: [Chinese, English].
const LABELS = {
  ...INSIGHTS_LABELS,
  reason: {
    overdue_help: ["逾期了怎么办", "Overdue, what to do"], ask_amount_due: ["应还金额", "Amount due"], ask_late_fee: ["违约金和利息", "Fees and interest"], ask_minimum_payment: ["最低还款", "Minimum payment"], ask_due_date: ["还款日", "Due date"], ask_credit_impact: ["征信", "Credit report"], ask_grace_period: ["宽限期", "Grace"],
    ask_repayment_channels: ["怎么还款", "Ways to repay"], ask_autopay: ["自动还款", "Automatic debit"], ask_card_status: ["卡片状态", "Card status"], ask_application_status: ["申请进度", "State of requests"], request_instalment: ["分期", "Instalment"], request_deferral: ["延期", "Deferral"], request_fee_waiver: ["减免", "Waiver"], request_document: ["开证明", "Documents"],
    promise_to_pay: ["承诺还款", "Promise to pay"], report_hardship: ["还款困难", "Hardship"], report_payment_made: ["已经还了", "Has paid"], dispute_charge: ["交易争议", "Dispute"], complain_collection: ["投诉", "Complaint"], ask_legal_consequence: ["法律后果", "Legal questions"], in_distress: ["情绪危急", "Distress"], request_human: ["要找人工", "Wants a person"], nlu_fallback: ["没听懂", "Not understood"], out_of_scope: ["其他", "Other"], compare_ways: ["比较办法", "Compare ways"], cancel_application: ["撤回申请", "Withdraw a request"],
  },
  trigger: {
    asked_for: ["客户要找人工", "Customer asked"], care: ["情绪危急", "Distress"], fraud: ["疑似诈骗", "Fraud"], complaint: ["投诉", "Complaint"], dispute: ["交易争议", "Dispute"], long_overdue: ["逾期很久", "Long overdue"], large_amount: ["金额大", "Large amount"], negotiation_failed: ["没谈拢", "No agreement"], bank_unavailable: ["银行没回应", "Bank unavailable"], not_understood: ["没听懂", "Not understood"], anger: ["生气", "Anger"], law: ["法律问题", "Law"],
  },
  outcome: {
    solved: ["解决了", "Solved"], request_filed: ["提交了申请", "Request filed"], promise: ["承诺还款", "Promise made"], callback: ["约了回电", "Call-back agreed"], not_solved: ["没解决", "Not solved"], no_answer: ["客户没有回应", "Customer did not answer"], other: ["其他", "Other"], hand_back: ["交回助手", "Handed back"], back_to_bot: ["客户回到助手", "Customer went on with the assistant"],
  },
  cause: {
    unstable_income: ["收入不稳定", "Unsteady income"], unemployment: ["失业", "Unemployment"], illness: ["生病", "Illness"], no_reminder: ["没收到提醒", "No reminder"], forgot: ["忘了", "Forgot"], overspending: ["花多了", "Overspending"], other_debts: ["别的债务", "Other debts"], money_management: ["没安排好", "Money management"], dispute: ["有争议", "Dispute"], other: ["其他", "Other"], withheld: ["不愿说", "Would rather not say"],
  },
  mood: {
    anger: ["生气", "Anger"], self_harm: ["有轻生的话", "Words of self-harm"], violence: ["可能受到伤害", "May be in danger"], fraud: ["可能被骗", "May have been defrauded"], illness: ["生病", "Illness"], minor: ["可能未成年", "May be under age"], despair: ["压力很大", "Great strain"],
  },
  request: {
    instalment: ["分期", "Instalment"], deferral: ["延期", "Deferral"], agreement: ["个性化分期协议", "Repayment agreement"], waiver: ["减免", "Waiver"], early_settlement: ["提前结清", "Early settlement"], hardship: ["困难声明", "Hardship declaration"], dispute: ["交易争议", "Dispute"], promise: ["还款承诺", "Promise to pay"],
  },
  status: {
    submitted: ["已提交", "Submitted"], in_review: ["审核中", "In review"], approved: ["已批准", "Approved"], declined: ["未批准", "Declined"], needs_documents: ["等材料", "Needs papers"], withdrawn: ["已撤回", "Withdrawn"], expired: ["已过期", "Expired"], active: ["进行中", "Running"], completed: ["已完成", "Completed"], broken: ["没有履行", "Broken"], open: ["未到期", "Open"], kept: ["已履行", "Kept"], partly_kept: ["部分履行", "Partly kept"],
  },
  cardState: { current: ["正常", "Current"], due: ["已出账", "Billed"], in_grace: ["宽限期内", "In grace"], overdue: ["逾期", "Overdue"] },
  direction: { in: ["客户来", "in"], out: ["我行去", "out"] },
  contact: { reminder: ["提醒", "reminder"], follow_up: ["跟进", "follow-up"], collection: ["催收", "collection"], service: ["服务", "service"] },
  channel: { webchat: ["网页", "web chat"], wechat: ["微信", "WeChat"], wecom: ["微信客服", "WeChat customer service"], sms: ["短信", "SMS"], email: ["邮件", "e-mail"], phone: ["电话", "phone"] },
  contactOutcome: { planned: ["计划中", "planned"], sent: ["已发出", "sent"], delivered: ["已送达", "delivered"], failed: ["失败", "failed"], answered: ["已接通", "answered"], no_answer: ["没接通", "no answer"], refused: ["拒绝", "refused"], stopped: ["按规则没有联系", "stopped by a rule"] },
  missing: { customer: ["姓名和电话", "name and phone"], cards: ["卡片", "cards"], applications: ["申请", "requests"], disputes: ["争议", "disputes"], promises: ["承诺", "promises"], contacts: ["联系记录", "contacts"] },
  eligibility: {
    nothing_due: ["没有要还的", "Nothing is due"], too_long_overdue: ["逾期太久", "Overdue for too long"], amount_too_small: ["金额太小", "The amount is too small"], amount_too_large: ["金额太大", "The amount is too large"], already_running: ["已有一个在进行", "One is running already"], not_allowed_now: ["现在不能办", "Not allowed now"], too_often: ["次数太多", "Too often"], date_too_late: ["日期太晚", "The date is too late"],
  },
  act: {
    "sign-in": ["登录", "Signed in"], "sign-out": ["退出登录", "Signed out"], "sign-in-failed": ["登录失败", "Sign-in failed"], "openid-linked": ["关联了银行账号", "Linked with the bank's account"], "password-changed": ["修改了密码", "Changed the password"], "password-change-failed": ["修改密码失败", "Password change failed"], "password-reset": ["重置了密码", "Reset the password"], "account-created": ["新建了账号", "Made an account"], "account-changed": ["修改了账号", "Changed an account"], status: ["改了状态", "Changed status"], "auto-assign": ["改了自动分配", "Changed automatic assignment"],
    "take-over": ["接管了对话", "Took a conversation over"], unmask: ["看了完整号码", "Saw full numbers"], "call-claimed": ["领取了外呼", "Took a call"], "call-released": ["放回了外呼", "Put a call back"], "call-made": ["打了外呼", "Made a call"], "number-shown": ["看了客户号码", "Saw a customer's number"], "export-conversation": ["导出了对话", "Exported a conversation"], "export-hand-overs": ["导出了转人工记录", "Exported hand-overs"], "export-sentences": ["导出了没听懂的话", "Exported sentences"], "code-sent": ["给客户发了验证码", "Had a code sent"], "request-filed": ["代客户提交了申请", "Filed a request"], "request-withdrawn": ["代客户撤回了申请", "Withdrew a request"], "request-decided": ["审批了申请", "Decided a request"], "hardship-declared": ["代客户提交了困难声明", "Declared hardship"], "auto-debit-set": ["代客户设了自动还款", "Set automatic debit"], "promise-made": ["记了还款承诺", "Noted a promise"], "contact-logged": ["记了一次联系", "Noted a contact"],
  },
  callRule: {
    paid: ["已还款", "paid"], disputed: ["有争议", "disputed"], complaint: ["有投诉", "a complaint"], care: ["需要关怀", "signs of distress"], promised: ["已有还款承诺", "a promise runs"], agreement: ["已有还款协议", "an agreement runs"], "due-date-changed": ["还款日变了", "the due date changed"], "promise-over": ["承诺已有结果", "the promise is over"], "overdue-again": ["又逾期了", "overdue again"], "too-late": ["已经过时", "too late to be of use"], "not-in-the-plan": ["计划里没有了", "no longer in the plan"],
    "asked-to-stop": ["客户要求不再联系", "the customer asked to stop"], "reminders-off": ["客户关闭了提醒", "reminders are off"], "channel-not-wanted": ["客户不要电话", "the customer wants no calls"], night: ["夜间（22:00–8:00）", "night (22:00–08:00)"], "customers-hours": ["不在客户指定的时间", "outside the customer's hours"], holiday: ["法定节假日", "a public holiday"], "voice-3-a-day": ["今天已通话三次", "three calls today"], "voice-6-attempts-a-day": ["今天已拨六次", "six attempts today"], "channel-daily-limit": ["今天的次数已满", "the day's limit"], "channel-weekly-limit": ["本周的次数已满", "the week's limit"], "daily-limit": ["今天已联系过", "the day's contacts are made"], "weekly-limit": ["本周已联系过", "the week's contacts are made"], "preferences-unknown": ["不知道客户的联系意愿", "the customer's wishes are not known"], "unknown-at-the-bank": ["银行没有这位客户", "unknown at the bank"],
  },
  debit: { full: ["全额", "Full amount"], minimum: ["最低还款额", "Minimum payment"], off: ["没有开通", "Off"] },
  fee: { late_fee: ["违约金", "Late fee"], interest: ["利息", "Interest"] },
  move: {
    request: ["开始排队", "began to wait"], request_later: ["留了言", "left a wish"], claim: ["接入", "claimed it"], assign: ["分配", "assigned it"], nobody_left: ["没人在岗，转为留言", "nobody left: kept for later"], back_to_bot: ["回到助手", "went on with the assistant"], transfer: ["转接", "transferred it"], take_over: ["接管", "took it over"], requeue: ["放回队列", "put it back into the queue"], agent_gone: ["坐席离线，放回队列", "agent gone: back to the queue"], hand_back: ["交回助手", "handed it back"], close: ["结束", "closed it"], customer_writes: ["又写来消息", "wrote again"], go_elsewhere: ["转到企业微信人工", "went to people in WeCom"], come_here: ["企业微信没接，进入排队", "WeCom did not take it: began to wait"],
  },
};

let current = languageAtStart();

function languageAtStart() {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept) return kept === "en" ? "en" : "zh";
  } catch {
    // the browser keeps nothing for this page
  }
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

/** `zh` or `en`. */
export function language() {
  return current;
}

/** The console's words in its language. */
export function words() {
  return current === "en" ? EN : ZH;
}

/** The BCP 47 tag for `Intl`. */
export function locale() {
  return words().tag;
}

/** The tag of the language that is not spoken now. */
export function otherLanguage() {
  return current === "en" ? "zh" : "en";
}

/** Change the console's language; tells by the document's event `language`. */
export function setLanguage(language) {
  current = language;
  localStorage.setItem(KEPT, language);
  document.dispatchEvent(new Event("language"));
}

/** The customer's name, or what to call somebody who did not sign in. */
export function customerName({ customer_name: name, customer_id: id }) {
  return name || id || words().visitor;
}

/** The words for a name of `kind`, or the name itself where there are none. */
export function label(kind, name) {
  return LABELS[kind]?.[name]?.[current === "en" ? 1 : 0] ?? String(name ?? "").replaceAll("_", " ");
}

/** Every name of `kind` with its words, for a list to choose from. */
export function labels(kind) {
  return Object.keys(LABELS[kind]).map((value) => ({ value, label: label(kind, value) }));
}

/** What to tell the agent of a problem that the server answered. */
export function problemText({ type, more = {} }) {
  const t = words();
  const text = t.problems[type] ?? t.otherProblem(type || "?");
  if (type === "not-eligible" && more.reason) return `${text}${t.openBracket}${label("eligibility", more.reason)}${t.closeBracket}`;
  if (["already-claimed", "not-yours", "call-taken"].includes(type) && more.holder) return `${text}${t.openBracket}${more.holder}${t.closeBracket}`;
  return text;
}
