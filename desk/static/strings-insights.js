// The words of the page of insights, definitions included, in Chinese and English.

export const ZH = {
  loading: "正在统计…", nothing: "这段时间里没有。", csv: "下载 CSV", sameFigures: (title) => `图表：${title}。数字与旁边的表格相同。`,
  by: "分组", channel: "渠道", bucket: "逾期阶段", groups: { day: "日期", channel: "渠道", language: "语言", bucket: "逾期阶段" },
  asOf: (at) => `对话数据更新到 ${at}`, notYet: "对话数据还没有读完", bank: (at) => `申请和承诺的结果：最早一笔是 ${at} 从银行查到的`, notAsked: (n) => `${n} 笔还没有查到结果`,
  onDay: "除提醒外，都算在对话开始的那一天；日期是北京时间。",
  tables: {
    conversations: ["对话", "客户连续写来的消息算一次对话，停两小时以上再写算新的一次；没有转人工的，算助手独立完成。"],
    handovers: ["为什么转人工", "每次转人工一个原因：当时最要紧的那一个。"],
    topics: ["转人工时在谈什么", "转人工那一刻，对话正在谈的事。"],
    understanding: ["有没有听懂", "客户自己写给助手的每条消息，按助手怎么回答来算；按按钮和写给坐席的不算。"],
    reasons: ["逾期原因", "客户在一次对话里最后说的原因，加上电话里坐席记下的；没有说的不算。"],
    requests: ["申请和结果", "由助手或坐席在对话里提交的申请、承诺和争议，结果以银行最近一次的答复为准。"],
    promises: ["还款承诺", "在对话里做的承诺；履行率只看已经到期的，即履行了的占履行和没有履行的多少。"],
    reminders: ["提醒之后还款", "每条送达客户的提醒；银行确认 30 天内有还款、且账单已还清（或承诺已履行、该期分期已还），就算已还款。"],
    waiting: ["等人工的时间", "有坐席在岗时，从客户要找人工到坐席第一句话；中位数是一半人不超过的时间，90% 是十人里九人不超过的时间。"],
    ratings: ["对坐席的评价", "坐席接待过的对话结束后，客户给的一到五颗星。"],
    ratings_assistant: ["对助手的评价", "助手自己帮到客户、客户道谢或告别时问一次，客户给的一到五颗星；还清之后的回访也算。"],
    sentences: ["没听懂的话", "没听懂、给了两种理解或超出范围的原话，已遮住号码和称呼；说得多的在前，过了保存期就删除。"],
  },
  columns: {
    group: "分组", conversations: "对话", contained: "助手独立完成", handed_over: "转人工", contained_share: "独立完成率", trigger: "原因", topic: "谈的事", handovers: "转人工", share: "占比",
    messages: "消息", understood: "听懂", two_readings: "两种理解", fallback: "没听懂", out_of_scope: "超出范围", understood_share: "听懂率", reason: "原因", kind: "种类", outcome: "结果", requests: "笔数",
    made: "承诺", kept: "已履行", broken: "没有履行", open: "未到期", withdrawn: "已撤回", kept_share: "履行率", step: "提醒", channel: "渠道", reminded: "已提醒", paid: "已还款", paid_share: "还款率",
    asked: "要找人工", answered: "接到", median: "中位数", p90: "90% 以内", left_for_later: "留言", later_answered: "留言后接到", ratings: "评价数", mean: "平均", stars_1: "1 星", stars_2: "2 星", stars_3: "3 星", stars_4: "4 星", stars_5: "5 星",
    text: "原话", language: "语言", times: "次数", last_day: "最近", chosen: "客户后来选了",
  },
  totals: { conversations: "对话", contained: "助手独立完成", understood: "听懂", kept: "承诺履行", waiting: "等人工，中位数", rating: "坐席平均评价", ratingAssistant: "助手平均评价" },
  label: "下载去标注：", labelHint: "下载会记入操作记录。标注前请再看一遍，名字不一定都能认出来。", minutesAxis: "分钟",
};

export const EN = {
  loading: "Counting…", nothing: "Nothing in this time.", csv: "Download CSV", sameFigures: (title) => `Chart: ${title}. The figures are those of the table beside it.`,
  by: "Group by", channel: "Channel", bucket: "Overdue", groups: { day: "Day", channel: "Channel", language: "Language", bucket: "Time overdue" },
  asOf: (at) => `Conversations until ${at}`, notYet: "Conversations are still being read", bank: (at) => `outcomes of requests and promises: the oldest was asked of the bank at ${at}`, notAsked: (n) => `${n} not asked yet`,
  onDay: "Everything but reminders counts on the day on which the conversation began, in the bank's time.",
  tables: {
    conversations: ["Conversations", "What a customer writes is one conversation until a pause of more than two hours; contained are those that were never handed over."],
    handovers: ["Handed over, and why", "Each hand-over has one cause: the most pressing one at that time."],
    topics: ["What it was about", "What the conversation was about when it was handed over."],
    understanding: ["Understood or not", "Each message that a customer wrote to the assistant, by how it answered; pressed buttons and words to agents do not count."],
    reasons: ["Reasons for being overdue", "The last reason that a customer gave in a conversation, and those that agents noted on the phone; who gave none does not count."],
    requests: ["Requests and their outcome", "Requests, promises and disputes that the assistant or an agent filed in a conversation, with the bank's latest word on each."],
    promises: ["Promises to pay", "Promises made in conversations; the share kept is of those that have come due: kept, of kept and broken."],
    reminders: ["From reminder to payment", "Each reminder that reached a customer; paid, if the bank says that within 30 days a payment was made after which nothing billed was owed, or the promise was kept, or the instalment paid."],
    waiting: ["Waiting for a person", "From the wish to an agent's first word, while somebody was there; half of all waited no longer than the median, nine in ten no longer than 90 %."],
    ratings: ["Ratings of agents", "The one to five stars that customers gave after a conversation with an agent."],
    ratings_assistant: ["Ratings of the assistant", "The one to five stars that customers gave when the assistant, having helped by itself, asked once at their thanks or goodbye; those after everything was paid, too."],
    sentences: ["Not understood, word by word", "What was not understood, had two readings or was out of scope; numbers and names are masked, the most frequent stands first, and all are deleted when their time is over."],
  },
  columns: {
    group: "Group", conversations: "Conversations", contained: "Contained", handed_over: "Handed over", contained_share: "Share contained", trigger: "Cause", topic: "Topic", handovers: "Hand-overs", share: "Share",
    messages: "Messages", understood: "Understood", two_readings: "Two readings", fallback: "Not understood", out_of_scope: "Out of scope", understood_share: "Share understood", reason: "Reason", kind: "Kind", outcome: "Outcome", requests: "Number",
    made: "Made", kept: "Kept", broken: "Broken", open: "Not due yet", withdrawn: "Withdrawn", kept_share: "Share kept", step: "Reminder", channel: "Channel", reminded: "Reminded", paid: "Paid", paid_share: "Share paid",
    asked: "Asked", answered: "Answered", median: "Median", p90: "90 %", left_for_later: "Left for later", later_answered: "Answered later", ratings: "Ratings", mean: "Mean", stars_1: "1 star", stars_2: "2 stars", stars_3: "3 stars", stars_4: "4 stars", stars_5: "5 stars",
    text: "Sentence", language: "Language", times: "Times", last_day: "Last", chosen: "Chosen afterwards",
  },
  totals: { conversations: "Conversations", contained: "Contained", understood: "Understood", kept: "Promises kept", waiting: "Wait, median", rating: "Agents, mean rating", ratingAssistant: "Assistant, mean rating" },
  label: "Download for labelling:", labelHint: "Downloads go on record. Read them before you label: not every name can be recognised.", minutesAxis: "minutes",
};

/** As `LABELS` of strings.js. */
export const LABELS = {
  bucket: {
    not_overdue: ["未逾期", "Not overdue"], M1: ["M1（1–30 天）", "M1 (1–30 days)"], M2: ["M2（31–60 天）", "M2 (31–60 days)"], M3: ["M3（61–90 天）", "M3 (61–90 days)"], M4: ["M4（91–120 天）", "M4 (91–120 days)"], M5: ["M5（121–150 天）", "M5 (121–150 days)"], M6: ["M6（151–180 天）", "M6 (151–180 days)"], "M6+": ["M6+（180 天以上）", "M6+ (over 180 days)"], unknown: ["不详", "Not known"],
  },
  step: {
    "due-in-7-days": ["还款日前 7 天", "7 days before"], "call-due-in-2-days": ["前 2 天电话", "Call, 2 days before"], "due-in-2-days": ["还款日前 2 天", "2 days before"], "due-in-1-day": ["还款日前 1 天", "1 day before"], "fund-account": ["自动还款前备款", "Fund the account"],
    "overdue-3": ["逾期 3 天", "3 days overdue"], "overdue-10": ["逾期 10 天", "10 days overdue"], "overdue-20": ["逾期 20 天", "20 days overdue"], "overdue-35": ["逾期 35 天", "35 days overdue"], "overdue-45": ["逾期 45 天", "45 days overdue"], "overdue-65": ["逾期 65 天", "65 days overdue"], "overdue-80": ["逾期 80 天", "80 days overdue"], "overdue-100": ["逾期 100 天", "100 days overdue"], "overdue-140": ["逾期 140 天", "140 days overdue"],
    "promise-tomorrow": ["承诺日前一天", "Day before a promise"], "promise-today": ["承诺当天", "Day of a promise"], "promise-broken": ["承诺没有履行", "After a broken promise"], "instalment-in-3-days": ["分期前 3 天", "3 days before an instalment"], "instalment-today": ["分期当天", "Day of an instalment"],
  },
  requestOutcome: { not_asked: ["还没有查到", "Not asked yet"], upheld: ["客户有理", "Upheld"] },
};
