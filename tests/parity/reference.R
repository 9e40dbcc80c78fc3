# Makes reference.json, the results that curves, tests between groups and incidences are held to. From this folder:
#
#     Rscript reference.R > reference.json
#
# R and the packages survival, cmprsk and jsonlite are needed for this alone, not to run the tests.

source("data.R")

spread <- function(n, most = 25) unique(round(seq(1, n, length.out = min(n, most))))

# The package's other convention for a quantile: the first day at or below the level, also where the curve runs on it.
first_day <- function(fit, curve, level) {
  reached <- which(fit[[curve]] <= level * (1 + 1e-9))
  if (length(reached)) fit$time[min(reached)] else NA
}

quantiles <- function(fit, shares) {
  middle <- quantile(fit, shares)
  list(
    share = shares,
    midpoint = list(time = middle$quantile, lower = middle$lower, upper = middle$upper),
    start = list(
      time = sapply(1 - shares, function(level) first_day(fit, "surv", level)),
      lower = sapply(1 - shares, function(level) first_day(fit, "lower", level)),
      upper = sapply(1 - shares, function(level) first_day(fit, "upper", level))
    )
  )
}

restricted_mean <- function(fit, horizon) {
  table <- summary(fit, rmean = horizon)$table
  list(horizon = horizon, mean = table[["rmean"]], standard_error = table[["se(rmean)"]])
}

curve <- function(data, conf.int) {
  fit <- survfit(Surv(time, outcome == 1) ~ 1, data, conf.type = "log-log", conf.int = conf.int)
  at <- spread(length(fit$time))
  days <- unique(round(quantile(data$time, c(0.1, 0.25, 0.5, 0.75, 0.9, 1))))
  landmarks <- summary(fit, times = days)
  last <- max(data$time)
  list(
    confidence = conf.int,
    n = fit$n,
    steps = list(
      time = fit$time[at], at_risk = fit$n.risk[at], events = fit$n.event[at], censored = fit$n.censor[at],
      survival = fit$surv[at], standard_error = (fit$surv * fit$std.err)[at],
      lower = fit$lower[at], upper = fit$upper[at]
    ),
    landmarks = list(
      day = landmarks$time, survival = landmarks$surv, lower = landmarks$lower, upper = landmarks$upper,
      at_risk = landmarks$n.risk, events = cumsum(landmarks$n.event), censored = cumsum(landmarks$n.censor)
    ),
    quantiles = quantiles(fit, c(0.1, 0.25, 0.5, 0.75)),
    follow_up = quantiles(
      survfit(Surv(time, outcome == 0) ~ 1, data, conf.type = "log-log", conf.int = conf.int), 0.5
    ),
    restricted_means = lapply(c(round(0.4 * last) + 0.5, last), function(horizon) restricted_mean(fit, horizon))
  )
}

incidence <- function(data, cause) {
  states <- factor(data$outcome, 0:2)
  fit <- survfit(Surv(data$time, states) ~ 1, conf.type = "log-log")
  at <- spread(length(fit$time))
  state <- which(fit$states == cause)
  gray <- cuminc(data$time, data$outcome, cencode = 0)
  days <- fit$time[at]
  list(
    time = days, incidence = fit$pstate[at, state], standard_error = fit$std.err[at, state],
    lower = fit$lower[at, state], upper = fit$upper[at, state],
    cmprsk = timepoints(gray, days)$est[paste(1, cause), ]
  )
}

rank_test <- function(fit) {
  by_group <- function(x) if (is.matrix(x)) rowSums(x) else x
  list(
    statistic = fit$chisq, degrees_of_freedom = length(fit$n) - 1,
    p_value = pchisq(fit$chisq, length(fit$n) - 1, lower.tail = FALSE),
    group = sub("group=", "", names(fit$n)), n = as.vector(fit$n),
    observed = by_group(fit$obs), expected = by_group(fit$exp)
  )
}

cox <- function(data) {
  fit <- coxph(Surv(time, outcome == 1) ~ group, data,
               control = coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 100))
  limits <- exp(confint(fit))
  df <- length(coef(fit))
  list(
    reference = min(data$group), group = sub("group", "", names(coef(fit))), coefficient = coef(fit),
    standard_error = sqrt(diag(vcov(fit))), ratio = exp(coef(fit)), lower = limits[, 1], upper = limits[, 2],
    p_value = pchisq(coef(fit)^2 / diag(vcov(fit)), 1, lower.tail = FALSE),
    log_likelihood = fit$loglik[2], degrees_of_freedom = df,
    likelihood_ratio = 2 * diff(fit$loglik), wald = fit$wald.test, score = fit$score
  )
}

grays_test <- function(data) {
  tests <- cuminc(data$time, data$outcome, data$group, cencode = 0)$Tests
  lapply(setNames(rownames(tests), rownames(tests)), function(cause) {
    list(statistic = tests[cause, "stat"], degrees_of_freedom = tests[cause, "df"], p_value = tests[cause, "pv"])
  })
}

results <- function(data) {
  causes <- sort(setdiff(unique(data$outcome), 0))
  groups <- c(list(all = data), split(data, data$group))
  list(
    curves = lapply(groups, curve, conf.int = 0.95),
    curves_90 = lapply(groups["all"], curve, conf.int = 0.90),
    incidence = lapply(groups, function(group) {
      lapply(setNames(causes, causes), function(cause) incidence(group, cause))
    }),
    log_rank = rank_test(survdiff(Surv(time, outcome == 1) ~ group, data)),
    stratified = rank_test(survdiff(Surv(time, outcome == 1) ~ group + strata(stratum), data)),
    cox = cox(data),
    gray = grays_test(data)
  )
}

made_up <- made_up_data()
write_json(list(made_with = made_with(), data = made_up, results = lapply(c(public_data(), made_up), results)))
