# Makes data.csv, expected.csv, covariance.csv and changes.csv in the working directory.
# Every index is written out as an expression of weighted totals; survey's svycontrast
# differentiates it symbolically. Nothing here knows how the tested program does it.
suppressPackageStartupMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail")
set.seed(20241120)

# ---- data: 3 strata, 4 + 3 + 5 communes, two rounds in partly the same communes ----------------
communes <- data.frame(
  stratum = rep(c("urban", "rural", "mountain"), c(4, 3, 5)),
  commune = sprintf("X%02d", 1:12),
  district = c("D1", "D1", "D2", "D2", "D1", "D2", "D3", "D2", "D3", "D3", "D3", "D1"),
  N = rep(c(20, 30, 25), c(4, 3, 5))
)
effect <- rnorm(12, sd = 0.5)
likert <- function(latent, cuts) as.integer(cut(latent, c(-Inf, cuts, Inf)))
draw_round <- function(round, shift) {
  rows <- do.call(rbind, lapply(seq_len(nrow(communes)), function(k) {
    n <- sample(6:13, 1)
    one <- communes[rep(k, n), ]
    one$w <- round(runif(n, 20, 90), 2)
    halo <- rnorm(n)
    for (item in c("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "oa1", "oa2", "ob1", "ob2", "o"))
      one[[item]] <- likert(0.9 + shift + effect[k] + 0.7 * halo + rnorm(n), c(-1.5, -0.6, 0.3, 1.6))
    for (item in c("p1", "p2"))
      one[[item]] <- likert(0.4 + effect[k] + rnorm(n), c(-1, 0, 1))
    for (option in c("m1", "m2", "m3"))
      one[[option]] <- rbinom(n, 1, c(m1 = 0.5, m2 = 0.3, m3 = 0.1)[[option]])
    one
  }))
  rows$round <- round
  rows
}
people <- rbind(draw_round(2023, 0), draw_round(2024, 0.15))
holes <- c("a2", "a5", "b1", "b2", "oa2", "p2")
for (item in holes) people[[item]][runif(nrow(people)) < 0.08] <- NA
skipped <- runif(nrow(people)) < 0.6                    # the feedback factor: few were concerned
people$b3[skipped] <- NA; people$b4[skipped] <- NA; people$ob2[skipped] <- NA
people[runif(nrow(people)) < 0.1, c("m1", "m2", "m3")] <- NA
people$w[people$round == 2023][5] <- 0                   # a row of weight 0 stays in the design
rownames(people) <- NULL
write.csv(people, "data.csv", row.names = FALSE, na = "", quote = FALSE)

# ---- what the plans are made of -----------------------------------------------------------------
satisfaction <- c("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4")
overall <- c("oa1", "oa2", "ob1", "ob2", "o")
perception <- c("p1", "p2")
factors <- list(FA1 = c("a1", "a2", "a3"), FA2 = c("a4", "a5"), FB1 = c("b1", "b2"),
                FB2 = c("b3", "b4"), FP = perception)
own <- c(FA1 = "oa1", FA2 = "oa2", FB1 = "ob1", FB2 = "ob2")
scale_of <- function(item) if (item %in% perception) 4 else 5
columns_of <- function(data, score) {                  # numerator n_ and denominator d_
  for (item in c(satisfaction, overall, perception)) {
    x <- data[[item]]; top <- scale_of(item); valid <- !is.na(x)
    y <- if (score == "top_two") as.numeric(x >= top - 1) else (x - 1) / (top - 1)
    data[[paste0("n_", item)]] <- ifelse(valid, y, 0)
    data[[paste0("d_", item)]] <- as.numeric(valid)
  }
  best <- sapply(satisfaction, function(item) data[[item]] >= 4)
  any_valid <- rowSums(!is.na(best)) > 0
  data$n_all <- as.numeric(any_valid & rowSums(!best, na.rm = TRUE) == 0)
  data$d_all <- as.numeric(any_valid)
  for (option in c("m1", "m2", "m3")) {
    data[[paste0("n_", option)]] <- ifelse(is.na(data[[option]]), 0, data[[option]])
    data[[paste0("d_", option)]] <- as.numeric(!is.na(data[[option]]))
  }
  data
}
ratio <- function(names) sprintf("((%s)/(%s))", paste0("n_", names, collapse = "+"), paste0("d_", names, collapse = "+"))
mean_of <- function(terms) sprintf("((%s)/%d)", paste(terms, collapse = "+"), length(terms))
expressions <- function(factor_rule, index_rule) {
  items <- c(satisfaction, overall, perception, "m1", "m2", "m3")
  base <- sapply(items, ratio)
  made <- sapply(names(factors), function(f) switch(factor_rule,
    mean_of_items = mean_of(base[factors[[f]]]),
    pooled_answers = ratio(factors[[f]]),
    overall_item = if (f == "FP") NA else base[[own[[f]]]]))
  blocks <- c(A = mean_of(made[c("FA1", "FA2")]), B = mean_of(made[c("FB1", "FB2")]), P = made[["FP"]])
  index <- switch(index_rule,
    mean_of_blocks = mean_of(blocks[c("A", "B")]),
    fixed_weights = sprintf("(0.6*%s+0.4*%s)", blocks[["A"]], blocks[["B"]]),
    overall_item = base[["o"]])
  found <- c(base, all = ratio("all"), made, blocks, INDEX = index)
  found[!is.na(found) & found != "NA"]
}
uses <- function(text, data) {                         # rows with an answer to the value
  dens <- unique(regmatches(text, gregexpr("d_[a-z0-9]+", text))[[1]])
  rowSums(data[, dens, drop = FALSE]) > 0
}
all_columns <- function(data) grep("^[nd]_", names(data), value = TRUE)

estimates <- function(design, texts) {
  names <- all_columns(design$variables)
  totals <- svytotal(reformulate(names), design)
  svycontrast(totals, lapply(texts, function(text) parse(text = text)[[1]]))
}
influence_total <- function(design, text) {            # the linearised variable, for deff
  names <- all_columns(design$variables)
  values <- as.list(coef(svytotal(reformulate(names), design)))
  slope <- attr(eval(deriv(parse(text = text)[[1]], names), values), "gradient")
  as.vector(as.matrix(design$variables[, names]) %*% t(slope))
}
rows_of <- function(case, design, domain, texts) {
  est <- estimates(design, texts)
  logits <- svycontrast(est, lapply(setNames(names(texts), names(texts)), function(code)
    parse(text = sprintf("log(`%s`/(1-`%s`))", code, code))[[1]]))
  do.call(rbind, lapply(names(texts), function(code) {
    there <- uses(texts[[code]], design$variables) & weights(design) > 0
    used <- design[there, ]
    df <- degf(used)
    used <- update(used, u = influence_total(design, texts[[code]])[there])
    effect <- deff(svytotal(~u, used, deff = "replace"))
    quant <- qt(0.975, df); se <- SE(est)[[code]]; value <- coef(est)[[code]]
    at <- coef(logits)[[code]] + c(-1, 1) * quant * SE(logits)[[code]]
    data.frame(case = case, domain = domain, code = code, value = value, se = se, df = df,
               deff = as.numeric(effect), n = sum(there), low = plogis(at[1]), high = plogis(at[2]),
               mean_low = value - quant * se, mean_high = value + quant * se)
  }))
}

# ---- cases --------------------------------------------------------------------------------------
cases <- list(
  top_mean = list(score = "top_two", factor = "mean_of_items", index = "mean_of_blocks", fpc = FALSE),
  mean_pooled = list(score = "mean", factor = "pooled_answers", index = "fixed_weights", fpc = TRUE),
  top_overall = list(score = "top_two", factor = "overall_item", index = "overall_item", fpc = FALSE)
)
first_round <- subset(people, round == 2024)
expected <- NULL; covariance <- NULL
for (name in names(cases)) {
  case <- cases[[name]]
  texts <- expressions(case$factor, case$index)
  if (case$factor == "overall_item") texts <- texts[!names(texts) %in% c("P", "FP", "p1", "p2")]
  data <- columns_of(first_round, case$score)
  design <- svydesign(~commune, strata = ~stratum, weights = ~w, data = data,
                      fpc = if (case$fpc) ~N else NULL)
  expected <- rbind(expected, rows_of(name, design, "", texts))
  for (d in c("D1", "D2", "D3"))
    expected <- rbind(expected, rows_of(name, subset(design, district == d), d, texts))
  v <- vcov(estimates(design, texts))
  upper <- which(upper.tri(v, diag = TRUE), arr.ind = TRUE)
  covariance <- rbind(covariance, data.frame(case = name, first = names(texts)[upper[, 1]],
    second = names(texts)[upper[, 2]], covariance = v[upper]))
  # an ordinary svymean must agree for a single item: estimate, error, design effect, limits
  y <- subset(design, d_a2 == 1); own_mean <- svymean(~n_a2, y, deff = "replace")
  row <- subset(expected, case == name & domain == "" & code == "a2")
  stopifnot(all.equal(c(row$value, row$se, row$deff), c(coef(own_mean), SE(own_mean), deff(own_mean)),
                      check.attributes = FALSE, tolerance = 1e-12))
  if (case$score == "top_two") {
    ci <- attr(svyciprop(~n_a2, y, method = "xlogit", df = degf(y)), "ci")
    stopifnot(all.equal(c(row$low, row$high), as.vector(ci), tolerance = 1e-12))
  }
}
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
write.csv(covariance, "covariance.csv", row.names = FALSE, quote = FALSE)

# ---- changes between rounds, and between districts ----------------------------------------------
texts <- expressions("mean_of_items", "mean_of_blocks")
within <- function(text, suffix) gsub("([nd]_[a-z0-9]+)", paste0("\\1", suffix), text)
difference <- function(design, masks, code) {          # later minus earlier, by totals of both
  names <- all_columns(design$variables)
  for (k in 1:2) {
    made <- design$variables[, names] * masks[[k]]
    names(made) <- paste0(names, "_", k)
    design$variables <- cbind(design$variables, made)
  }
  used <- unlist(lapply(1:2, function(k) paste0(names, "_", k)))
  totals <- svytotal(reformulate(used), design)
  parts <- lapply(1:2, function(k) parse(text = within(texts[[code]], paste0("_", k)))[[1]])
  both <- svycontrast(totals, list(earlier = parts[[1]], later = parts[[2]]))
  svycontrast(both, c(earlier = -1, later = 1))
}
data <- columns_of(people, "top_two")
overlap <- svydesign(~commune, strata = ~stratum, weights = ~w, data = data)
apart <- svydesign(~interaction(round, commune), strata = ~interaction(round, stratum), weights = ~w,
                   data = data)
changes <- NULL
for (code in c("a2", "FA1", "FB2", "A", "INDEX", "all")) {
  masks <- list(data$round == 2023, data$round == 2024)
  districts <- list(data$round == 2024 & data$district == "D1", data$round == 2024 & data$district == "D2")
  found <- list(overlap = difference(overlap, masks, code), apart = difference(apart, masks, code),
                districts = difference(overlap, districts, code))
  for (kind in names(found))
    changes <- rbind(changes, data.frame(kind = kind, code = code, value = coef(found[[kind]])[[1]],
                                         se = SE(found[[kind]])[[1]]))
}
write.csv(changes, "changes.csv", row.names = FALSE, quote = FALSE)
