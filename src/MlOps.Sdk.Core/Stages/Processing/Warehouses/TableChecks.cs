using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Checks expectations of a table where it is.</summary>
internal sealed class TableChecks(TableReading reading, CancellationToken cancellationToken)
{
    private const int ConditionsOfStatement = 50;
    private const int BatchSize = 8_192;

    public async Task<IReadOnlyList<ExpectationResult>> CheckAsync(IReadOnlyList<ExpectationRule> rules)
    {
        // Begin says what does not fit the columns.
        foreach (var rule in rules) _ = rule.Expectation.Begin(reading.Schema);
        var plans = rules.Select(rule => PlanOf((ITableExpectation)rule.Expectation)).ToArray();
        var failed = new long[plans.Length];
        var problems = new string?[plans.Length];
        var rows = await reading.CountAsync(cancellationToken).ConfigureAwait(false);
        int[] conditions = [.. Enumerable.Range(0, plans.Length).Where(i => plans[i] is ConditionPlan)];
        foreach (var some in conditions.Chunk(ConditionsOfStatement)) await CountFailedAsync(plans, some, failed).ConfigureAwait(false);
        await JudgeTotalsAsync(plans, problems).ConfigureAwait(false);
        for (var i = 0; i < plans.Length; i++)
        {
            switch (plans[i])
            {
                case RowCountPlan count: problems[i] = count.Judge(rows); break;
                case DuplicatesPlan duplicates: failed[i] = await CountDuplicatesAsync(duplicates.Columns).ConfigureAwait(false); break;
                case DistinctPlan distinct:
                    failed[i] = await CheckDistinctAsync(rules[i].Expectation, distinct.Columns).ConfigureAwait(false);
                    break;
            }
        }

        return [.. rules.Select((rule, i) => ResultOf(rule, rows, failed[i], problems[i]))];
    }

    private static ExpectationResult ResultOf(ExpectationRule rule, long rows, long failed, string? problem)
    {
        var result = new ExpectationResult
        {
            Name = rule.Expectation.Name,
            Description = rule.Expectation.Description,
            OnFailure = rule.OnFailure,
            Mostly = rule.Mostly ?? 1,
            RowsChecked = rows,
            RowsFailed = failed,
            Examples = [],
            Problem = problem,
        };
        return result with { FailsRun = !result.Met };
    }

    // Values of other types are compared in their invariant text, which a database may write otherwise.
    private TablePlan PlanOf(ITableExpectation expectation) =>
        expectation.Plan is ConditionPlan { IsOfTexts: true } plan && reading.Column(plan.Columns[0]).Type != ColumnType.Text
            ? new DistinctPlan(plan.Columns)
            : expectation.Plan;

    private async Task CountFailedAsync(TablePlan[] plans, int[] asked, long[] failed)
    {
        var terms = new TableTerms(reading);
        var sums = string.Join(", ", asked.Select(i => $"sum(CASE WHEN {((ConditionPlan)plans[i]).Condition(terms)} THEN 1 ELSE 0 END)"));
        long rows = 0;
        await reading.ReadAsync(
            "rows that fail",
            reading.Statement([terms.Layer()], $"{sums}, count(*)"),
            row =>
            {
                rows += TableReading.Long(row[^1]);
                for (var i = 0; i < asked.Length; i++) failed[asked[i]] += TableReading.Long(row[reading.PartitionCount + i]);
            },
            cancellationToken,
            terms.Parameters).ConfigureAwait(false);
        reading.RequireRows(rows);
    }

    private async Task JudgeTotalsAsync(TablePlan[] plans, string?[] problems)
    {
        TableColumn[] columns =
        [
            .. plans.OfType<TotalPlan>().Select(plan => plan.Column).Distinct(StringComparer.Ordinal).Select(reading.Column),
        ];
        if (columns.Length == 0) return;
        var facts = await TableFacts.AskAsync(reading, columns, FactParts.Ranges, cancellationToken).ConfigureAwait(false);
        var byName = facts.ToDictionary(fact => fact.Column.Name, StringComparer.Ordinal);
        for (var i = 0; i < plans.Length; i++)
        {
            if (plans[i] is TotalPlan total) problems[i] = total.Judge(byName[total.Column]);
        }
    }

    private async Task<long> CountDuplicatesAsync(IReadOnlyList<string> columns)
    {
        var terms = new TableTerms(reading);
        var names = string.Join(", ", columns.Select(terms.Value));
        var hasAll = terms.HasAll(columns);
        var groups = reading.Statement([terms.Layer()], $"{names}, count(*) AS mlops_n", names);
        var of = "mlops_n";
        if (reading.PartitionCount > 0)
        {
            groups = $"SELECT {names}, sum(mlops_n) AS mlops_s FROM ({groups}) AS mlops_parts GROUP BY {names}";
            of = "mlops_s";
        }
        long duplicates = 0, rows = 0;
        await reading.ReadAsync(
            $"duplicates of '{string.Join("', '", columns)}'",
            $"SELECT sum({of}), sum(CASE WHEN {hasAll} THEN {of} - 1 ELSE 0 END) FROM ({groups}) AS mlops_groups",
            row => (rows, duplicates) = (TableReading.Long(row[0]), TableReading.Long(row[1])),
            cancellationToken).ConfigureAwait(false);
        reading.RequireRows(rows);
        return duplicates;
    }

    private async Task<long> CheckDistinctAsync(IExpectation expectation, IReadOnlyList<string> columns)
    {
        TableColumn[] asked = [.. columns.Select(reading.Column)];
        var schema = new Schema(columns.Select(column => reading.Schema[column]));
        var check = expectation.Begin(schema);
        await check.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var terms = new TableTerms(reading);
        var names = string.Join(", ", columns.Select(terms.Value));
        var builder = new RecordBatchBuilder(schema);
        var counts = new List<long>();
        var failed = new bool[BatchSize];
        long sum = 0, rows = 0;
        await reading.ReadAsync(
            $"values of '{string.Join("', '", columns)}'",
            reading.Statement([terms.Layer()], $"{names}, count(*)", names),
            row =>
            {
                for (var i = 0; i < asked.Length; i++) Append(row[reading.PartitionCount + i], builder[i]);
                counts.Add(TableReading.Long(row[^1]));
                rows += counts[^1];
                if (counts.Count == BatchSize) Check();
            },
            cancellationToken).ConfigureAwait(false);
        reading.RequireRows(rows);
        if (counts.Count > 0) Check();
        if (check.Complete() is { } problem)
        {
            throw new MlOpsException(
                $"The expectation '{expectation.Name}' judges rows as a whole: {problem}.", "Check it in ProcessData.");
        }
        return sum;

        void Check()
        {
            var ofRows = failed.AsSpan(0, counts.Count);
            ofRows.Clear();
            check.Check(builder.Build(), ofRows);
            for (var row = 0; row < ofRows.Length; row++) sum += ofRows[row] ? counts[row] : 0;
            counts.Clear();
        }
    }

    private static void Append(object value, ColumnBuilder to)
    {
        switch (to)
        {
            case var _ when value is DBNull: to.AppendNull(); break;
            case NumberColumnBuilder numbers: numbers.Append(TableReading.Double(value)); break;
            case IntegerColumnBuilder integers: integers.Append(TableReading.Long(value)); break;
            case BooleanColumnBuilder flags: flags.Append(TableReading.Long(value) != 0); break;
            case TimestampColumnBuilder times: times.Append(TimeCounts.Of(TableReading.Long(value))); break;
            case TextColumnBuilder texts: texts.Append((string)value); break;
        }
    }
}
