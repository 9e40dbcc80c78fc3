# Makes families.json: limits on three scales, conditional survival, delayed entry, the log-rank family, contrasts of
# restricted means, and shares in states over time. From this folder:
#
#     Rscript families.R > families.json
#
# The data are those of reference_data.py, with the entries and courses that test_families.py prepares in the same way.

source("data.R")

spread <- function(n, most = 12) unique(round(seq(1, n, length.out = min(n, most))))

curve_part <- function(fit, at) {
  list(
    time = fit$time[at], at_risk = fit$n.risk[at], survival = fit$surv[at],
    standard_error = (fit$surv * fit$std.err)[at], lower = fit$lower[at], upper = fit$upper[at]
  )
}

# The first day at or below the level, also where the curve runs on it.
first_day <- function(fit, curve, level) {
  reached <- which(fit[[curve]] <= level * (1 + 1e-9))
  if (length(reached)) fit$time[min(reached)] else NA
}

quantiles <- function(fit, shares) {
  middle <- quantile(fit, shares)
  list(
    share = shares,
    midpoint = list(time = unname(middle$quantile), lower = unname(middle$lower), upper = unname(middle$upper)),
    start = lapply(list(time = "surv", lower = "lower", upper = "upper"), function(curve) {
      sapply(1 - shares, function(level) first_day(fit, curve, level))
    })
  )
}

limits <- function(data, conf.type) {
  fit <- survfit(Surv(time, outcome == 1) ~ 1, data, conf.type = conf.type)
  c(curve_part(fit, spread(length(fit$time))), list(quantiles = quantiles(fit, c(0.25, 0.5, 0.75))))
}

incidence_limits <- function(data, conf.type) {
  states <- factor(data$outcome, 0:2)
  fit <- survfit(Surv(data$time, states) ~ 1, conf.type = conf.type)
  at <- spread(length(fit$time))
  state <- which(fit$states == "1")
  list(time = fit$time[at], incidence = fit$pstate[at, state], lower = fit$lower[at, state], upper = fit$upper[at, state])
}

# start.time takes in the events of the day itself; those given survival of that day have passed it.
conditional <- function(data, given, conf.type) {
  fit <- survfit(Surv(time, outcome == 1) ~ 1, data, conf.type = conf.type, start.time = given + 0.5)
  at <- spread(length(fit$time), 8)
  c(list(given = given, n = fit$n.risk[1]), curve_part(fit, at)[c("time", "survival", "lower", "upper")])
}

# Every third patient enters at a third of their time, every other at a tenth: those who had less than a day before.
entries <- function(data) {
  share <- ifelse(seq_len(nrow(data)) %% 3 == 0, 3, ifelse(seq_len(nrow(data)) %% 3 == 1, 10, Inf))
  floor(data$time / share)
}

delayed <- function(data) {
  data$entry <- entries(data)
  from_origin <- ifelse(data$entry == 0, -1, data$entry)
  response <- Surv(from_origin, data$time, data$outcome == 1)
  fit <- survfit(response ~ 1, conf.type = "log-log")
  reverse <- survfit(Surv(from_origin, data$time, data$outcome == 0) ~ 1, conf.type = "log-log")
  at <- spread(length(fit$time), 20)
  result <- c(curve_part(fit, at), list(quantiles = quantiles(fit, c(0.25, 0.5, 0.75)), follow_up = quantiles(reverse, 0.5)))
  result$log_rank <- weighted(data, function(n, d) rep(1, length(n)), from_origin)
  if (length(unique(data$outcome)) == 3) {
    states <- factor(data$outcome, 0:2)
    compete <- survfit(Surv(from_origin, data$time, states) ~ 1, id = seq_along(states), conf.type = "log-log")
    at <- spread(length(compete$time))
    state <- which(compete$states == "1")
    result$incidence <- list(time = compete$time[at], incidence = compete$pstate[at, state])
  }
  result
}

# Observed, expected and variance of the weighted log-rank test as Klein and Moeschberger (2003), section 7.3, have them;
# survdiff has only the weights S(t-)^rho. Weights are a function of those at risk and the events on each day.
weighted <- function(data, weights, entry = rep(-1, nrow(data)), strata = rep(1, nrow(data))) {
  groups <- sort(unique(data$group))
  total <- lapply(split(seq_len(nrow(data)), strata), function(rows) {
    data <- data[rows, ]
    entry <- entry[rows]
    days <- sort(unique(data$time[data$outcome == 1]))
    at_risk <- sapply(groups, function(g) sapply(days, function(t) sum(data$group == g & entry < t & data$time >= t)))
    events <- sapply(groups, function(g) sapply(days, function(t) {
      sum(data$group == g & data$time == t & data$outcome == 1)
    }))
    at_risk <- matrix(at_risk, ncol = length(groups))
    events <- matrix(events, ncol = length(groups))
    n <- rowSums(at_risk)
    d <- rowSums(events)
    w <- weights(n, d)
    share <- at_risk / n
    v <- matrix(0, length(groups), length(groups))
    for (j in seq_along(days)) {
      v <- v + w[j]^2 * d[j] * (n[j] - d[j]) / max(n[j] - 1, 1) * (diag(share[j, ], length(groups)) - outer(share[j, ], share[j, ]))
    }
    list(u = colSums(w * (events - d * share)), v = v)
  })
  u <- Reduce(`+`, lapply(total, `[[`, "u"))
  v <- Reduce(`+`, lapply(total, `[[`, "v"))
  keep <- which(diag(v) > 0)[-1]
  statistic <- drop(u[keep] %*% solve(v[keep, keep], u[keep]))
  scores <- seq_along(groups) - 1
  list(
    statistic = statistic, p_value = pchisq(statistic, length(keep), lower.tail = FALSE),
    trend = sum(scores * u) / sqrt(drop(scores %*% v %*% scores))
  )
}

survival_before <- function(n, d) c(1, head(cumprod(1 - d / n), -1))

WEIGHTS <- list(
  "log-rank" = function(n, d) rep(1, length(n)),
  "gehan-wilcoxon" = function(n, d) n,
  "tarone-ware" = function(n, d) sqrt(n),
  "peto-peto" = function(n, d) cumprod(1 - d / (n + 1)),
  "fleming-harrington 1 0" = function(n, d) survival_before(n, d),
  "fleming-harrington 0 1" = function(n, d) 1 - survival_before(n, d),
  "fleming-harrington 0.5 2" = function(n, d) survival_before(n, d)^0.5 * (1 - survival_before(n, d))^2
)

survdiff_of <- function(data, rho, strata = FALSE) {
  formula <- if (strata) Surv(time, outcome == 1) ~ group + strata(stratum) else Surv(time, outcome == 1) ~ group
  fit <- survdiff(formula, data, rho = rho)
  by_group <- function(x) if (is.matrix(x)) rowSums(x) else x
  list(statistic = fit$chisq, observed = by_group(fit$obs), expected = by_group(fit$exp))
}

pairs <- function(data) {
  found <- combn(sort(unique(data$group)), 2, function(pair) {
    fit <- survdiff(Surv(time, outcome == 1) ~ group, data[data$group %in% pair, ])
    pchisq(fit$chisq, 1, lower.tail = FALSE)
  })
  list(p_value = found, holm = p.adjust(found, "holm"))
}

contrast <- function(data) {
  groups <- split(data, data$group)
  horizon <- floor(min(sapply(groups, function(group) max(group$time))))
  means <- sapply(groups, function(group) {
    table <- summary(survfit(Surv(time, outcome == 1) ~ 1, group), rmean = horizon)$table
    c(table[["rmean"]], table[["se(rmean)"]])
  })
  one <- means[, -1, drop = FALSE]
  difference <- one[1, ] - means[1, 1]
  error <- sqrt(one[2, ]^2 + means[2, 1]^2)
  log_ratio <- log(one[1, ] / means[1, 1])
  log_error <- sqrt((one[2, ] / one[1, ])^2 + (means[2, 1] / means[1, 1])^2)
  z <- qnorm(0.975)
  list(
    horizon = horizon,
    difference = list(
      value = difference, standard_error = error, lower = difference - z * error, upper = difference + z * error,
      p_value = 2 * pnorm(-abs(difference / error))
    ),
    ratio = list(
      value = exp(log_ratio), standard_error = log_error, lower = exp(log_ratio - z * log_error),
      upper = exp(log_ratio + z * log_error), p_value = 2 * pnorm(-abs(log_ratio / log_error))
    )
  )
}

# Shares disease-free, with recurrence and dead; on a shared day recurrence gives way to death.
course <- function(first, time, dead) {
  at_once <- is.na(first) | (first == time & dead == 1)
  id <- seq_along(time)
  rows <- rbind(
    data.frame(id = id, start = 0, stop = ifelse(at_once, time, first), event = ifelse(at_once, 2 * dead, 1)),
    data.frame(id = id, start = first, stop = time, event = 2 * dead)[!at_once & first < time, ]
  )
  rows <- rows[order(rows$id, rows$start), ]
  rows$event <- factor(rows$event, 0:2, c("censored", "recurrence", "dead"))
  fit <- survfit(Surv(start, stop, event) ~ 1, rows, id = id)
  at <- spread(length(fit$time), 40)
  list(time = fit$time[at], at_risk = fit$n.risk[at, ], share = fit$pstate[at, ], states = fit$states)
}

results <- function(data) {
  scales <- c("log-log" = "log-log", log = "log", plain = "plain")
  list(
    limits = lapply(scales, function(scale) limits(data, scale)),
    incidence_limits = if (2 %in% data$outcome) lapply(scales, function(scale) incidence_limits(data, scale)),
    conditional = lapply(scales, function(scale) conditional(data, unname(floor(quantile(data$time, 0.3))), scale)),
    delayed = delayed(data),
    family = lapply(WEIGHTS, function(weights) {
      list(plain = weighted(data, weights), stratified = weighted(data, weights, strata = data$stratum))
    }),
    survdiff = list(plain = survdiff_of(data, 1), stratified = survdiff_of(data, 1, TRUE)),
    pairs = pairs(data),
    contrast = contrast(data)
  )
}

sets <- c(public_data(), made_up_data())
chosen <- c("colon_death", "colon_competing", "lung", "veteran", "gbsg", "rotterdam", "mgus2", "tied")
write_json(list(made_with = made_with(), results = lapply(sets[chosen], results), courses = courses(course)))
