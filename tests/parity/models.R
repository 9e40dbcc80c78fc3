# Makes models.json, the results that regressions are held to. From this folder:
#
#     Rscript models.R > models.json
#
# The data are prepared exactly as in model_data.py, which the tests read.

source("data.R")

TIGHT <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 100)

complete <- function(data) data[complete.cases(data), ]

# One data frame a model: start, stop, outcome, stratum and the covariates. Factors keep the order of their levels.
frames <- function() {
  death <- colon[colon$etype == 2, ]
  death <- death[order(death$id), ]
  recurrence <- colon[colon$etype == 1, ]
  recurrence <- recurrence[order(recurrence$id), ]
  after <- rotterdam[rotterdam$recur == 1 & rotterdam$rtime < rotterdam$dtime, ]
  tied <- made_up_data()$tied
  list(
    lung = complete(data.frame(
      start = 0, stop = lung$time, outcome = lung$status - 1, stratum = 1,
      age = lung$age, sex = factor(lung$sex), ph.ecog = lung$ph.ecog
    )),
    lung_by_sex = complete(data.frame(
      start = 0, stop = lung$time, outcome = lung$status - 1, stratum = lung$sex, age = lung$age, ph.ecog = lung$ph.ecog
    )),
    veteran = data.frame(
      start = 0, stop = veteran$time, outcome = veteran$status, stratum = 1,
      trt = factor(veteran$trt), celltype = veteran$celltype, karno = veteran$karno
    ),
    colon = complete(data.frame(
      start = 0, stop = death$time, outcome = death$status, stratum = 1,
      rx = death$rx, age = death$age, nodes = death$nodes, differ = factor(death$differ)
    )),
    colon_by_differ = complete(data.frame(
      start = 0, stop = death$time, outcome = death$status, stratum = death$differ, rx = death$rx, nodes = death$nodes
    )),
    gbsg = data.frame(
      start = 0, stop = gbsg$rfstime, outcome = gbsg$status, stratum = 1,
      hormon = factor(gbsg$hormon), age = gbsg$age, grade = factor(gbsg$grade), nodes = gbsg$nodes, pgr = gbsg$pgr
    ),
    rotterdam = data.frame(
      start = 0, stop = rotterdam$dtime, outcome = rotterdam$death, stratum = 1,
      age = rotterdam$age, size = rotterdam$size, nodes = rotterdam$nodes, chemo = factor(rotterdam$chemo)
    ),
    # Death after recurrence on the time from surgery: patients enter at their recurrence.
    rotterdam_entry = data.frame(
      start = after$rtime, stop = after$dtime, outcome = after$death, stratum = 1,
      age = after$age, size = after$size, nodes = after$nodes
    ),
    rotterdam_entry_by_meno = data.frame(
      start = after$rtime, stop = after$dtime, outcome = after$death, stratum = after$meno,
      age = after$age, size = after$size
    ),
    # Recurrence as a covariate that changes when it happens.
    rotterdam_recurrence = rbind(
      data.frame(start = 0, stop = ifelse(rotterdam$pid %in% after$pid, rotterdam$rtime, rotterdam$dtime),
                 outcome = ifelse(rotterdam$pid %in% after$pid, 0, rotterdam$death), stratum = 1,
                 recurred = 0, age = rotterdam$age, nodes = rotterdam$nodes),
      data.frame(start = after$rtime, stop = after$dtime, outcome = after$death, stratum = 1,
                 recurred = 1, age = after$age, nodes = after$nodes)
    ),
    tied = data.frame(
      start = 0, stop = tied$time, outcome = as.numeric(tied$outcome == 1), stratum = tied$stratum,
      group = factor(tied$group)
    ),
    # Competing risks: for these alone the Fine-Gray model is fitted.
    mgus2_competing = complete(data.frame(
      start = 0, stop = ifelse(mgus2$pstat == 1, mgus2$ptime, mgus2$futime),
      outcome = ifelse(mgus2$pstat == 1, 1, 2 * mgus2$death), stratum = 1,
      age = mgus2$age, sex = mgus2$sex, hgb = mgus2$hgb
    )),
    colon_competing = data.frame(
      start = 0, stop = recurrence$time, outcome = ifelse(recurrence$status == 1, 1, 2 * death$status), stratum = 1,
      rx = death$rx, age = death$age
    ),
    rotterdam_competing = data.frame(
      start = 0, stop = pmin(rotterdam$rtime, rotterdam$dtime),
      outcome = ifelse(rotterdam$recur == 1, 1, 2 * rotterdam$death), stratum = 1,
      age = rotterdam$age, size = rotterdam$size, nodes = rotterdam$nodes
    ),
    tied_competing = data.frame(
      start = 0, stop = tied$time, outcome = tied$outcome, stratum = 1,
      group = factor(tied$group), half = as.numeric(tied$stratum)
    )
  )
}

covariates <- function(data) setdiff(names(data), c("start", "stop", "outcome", "stratum"))

# Rows from the origin on are given without a start: R leaves out events on day 0 otherwise.
fit_cox <- function(data) {
  response <- if (all(data$start == 0)) "Surv(stop, outcome)" else "Surv(start, stop, outcome)"
  strata <- if (length(unique(data$stratum)) > 1) " + strata(stratum)" else ""
  coxph(as.formula(paste(response, "~", paste(covariates(data), collapse = " + "), strata)), data, control = TIGHT)
}

proportionality <- function(fit, transform) {
  table <- cox.zph(fit, transform)$table
  list(statistic = unname(table[, "chisq"]), degrees_of_freedom = unname(table[, "df"]), p_value = unname(table[, "p"]))
}

cox <- function(data) {
  fit <- fit_cox(data)
  pairs <- concordance(fit, keepstrata = FALSE)
  limits <- exp(confint(fit))
  list(
    n = fit$n, events = fit$nevent, coefficient = unname(coef(fit)), standard_error = unname(sqrt(diag(vcov(fit)))),
    lower = unname(limits[, 1]), upper = unname(limits[, 2]),
    p_value = unname(pchisq(coef(fit)^2 / diag(vcov(fit)), 1, lower.tail = FALSE)),
    log_likelihood = fit$loglik[2], log_likelihood_at_one = fit$loglik[1],
    likelihood_ratio = 2 * diff(fit$loglik), wald = unname(fit$wald.test), score = fit$score,
    concordance = list(
      value = unname(pairs$concordance), standard_error = sqrt(pairs$var), concordant = unname(pairs$count["concordant"]),
      discordant = unname(pairs$count["discordant"]), tied = unname(pairs$count["tied.x"])
    ),
    proportionality = lapply(
      c(km = "km", identity = "identity", rank = "rank", log = "log"), function(transform) proportionality(fit, transform)
    )
  )
}

fine_gray <- function(data, cause) {
  x <- model.matrix(as.formula(paste("~", paste(covariates(data), collapse = " + "))), data)[, -1, drop = FALSE]
  fit <- crr(data$stop, data$outcome, x, failcode = cause, gtol = 1e-13, maxiter = 200)
  # survival::finegray takes those with an event on a day out before it counts who is censored on it, and coxph averages
  # over ties: its coefficients are the same where no two patients share a day.
  states <- factor(data$outcome, 0:2)
  rows <- finegray(Surv(rank(data$stop, ties.method = "first"), states) ~ ., data.frame(x), etype = cause)
  untied <- coxph(Surv(fgstart, fgstop, fgstatus) ~ . - fgwt, rows, weights = fgwt, control = TIGHT)
  list(
    coefficient = unname(fit$coef), standard_error = sqrt(diag(fit$var)), log_likelihood = fit$loglik,
    log_likelihood_at_one = fit$loglik.null, wald = drop(fit$coef %*% solve(fit$var, fit$coef)),
    finegray_untied = unname(coef(untied))
  )
}

competing <- grepl("_competing$", names(frames()))
write_json(list(
  made_with = made_with(),
  cox = lapply(frames()[!competing], cox),
  fine_gray = lapply(frames()[competing], function(data) list("1" = fine_gray(data, 1), "2" = fine_gray(data, 2)))
))
