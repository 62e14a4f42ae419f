using Microsoft.ML;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What every translated model is held to, shared by the tests of all trainers.</summary>
internal static class TranslationChecks
{
    private const int RandomRows = 20_000;

    /// <summary>Compares a translation with the library on the rows of its table and on twenty thousand that no table has.</summary>
    public static void EqualsTheLibrary(TranslationCase asked)
    {
        var (trained, translation) = asked.Translate();
        using var model = translation.Model;
        Assert.That(translation.WhyNot, Is.Null);
        Assert.That(translation.Exactness, Is.EqualTo(asked.Exactness));
        Assert.That(translation.ComparedRows, Is.GreaterThan(1000));
        var table = TranslationTable.Get(asked.Table);
        var isLinear = asked.Exactness == TranslationExactness.Rounding;
        float[][] rows = [.. table.Rows, .. table.RandomRows(RandomRows, missing: !isLinear, spread: isLinear ? 2 : 1e5)];
        var column = asked.Task == TaskKind.BinaryClassification ? LibraryScores.Probability : LibraryScores.Score;
        var library = LibraryScores.Read(trained, "Features", rows, column);
        var output = new double[model!.Signature.Outputs];
        var scratch = new PredictScratch();
        var (different, compared, largest) = (0, 0, 0.0);
        for (var i = 0; i < rows.Length; i++)
        {
            if (translation.Corrected.Any(feature => float.IsNaN(rows[i][feature]))) continue;
            compared++;
            model.Predict(new FeatureBlock(rows[i], table.Width), output, scratch);
            for (var k = 0; k < output.Length; k++)
            {
                var theirs = (double)library[i][k];
                if (output[k] == theirs || (double.IsNaN(output[k]) && double.IsNaN(theirs))) continue;
                different++;
                largest = Math.Max(largest, Math.Abs(output[k] - theirs) / Math.Max(1, Math.Abs(theirs)));
            }
        }

        TestContext.Out.WriteLine($"{translation.Parts}: {different} of {compared * output.Length} differ, at most by {largest:E1}");
        Assert.That(compared, Is.GreaterThan(RandomRows / 2));
        Assert.That(largest, Is.LessThanOrEqualTo(asked.Exactness switch
        {
            TranslationExactness.BitEqual => 0,
            TranslationExactness.LastBit => 1.0 / (1 << 24),
            _ => asked.Tolerance,
        }));
        if (!isLinear) Assert.That(library.SelectMany(scores => scores), Is.All.Matches<float>(float.IsFinite));
    }

    /// <summary>Predicts from sixteen threads at once, one row at a time, and expects the bits of one thread and no allocation.</summary>
    public static void ServesFromManyThreads(TranslationCase asked)
    {
        var (_, translation) = asked.Translate();
        using var model = translation.Model!;
        var table = TranslationTable.Get(asked.Table);
        var rows = table.RandomRows(500, missing: true, spread: 10);
        var outputs = model.Signature.Outputs;
        var expected = new double[rows.Length * outputs];
        for (var i = 0; i < rows.Length; i++)
        {
            model.Predict(new FeatureBlock(rows[i], table.Width), expected.AsSpan(i * outputs, outputs), new PredictScratch());
        }

        var (wrong, allocating) = (0, 0);
        var threads = Enumerable.Range(0, 16).Select(_ => new Thread(() =>
        {
            var scratch = new PredictScratch();
            var output = new double[outputs];
            var least = long.MaxValue;
            // What the runtime compiles anew in the meantime may allocate; one round of all rows must be free of it.
            for (var round = 0; round < 20 && least > 0; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < rows.Length; i++)
                {
                    model.Predict(new FeatureBlock(rows[i], table.Width), output, scratch);
                    if (!output.AsSpan().SequenceEqual(expected.AsSpan(i * outputs, outputs))) Interlocked.Increment(ref wrong);
                }
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            if (least > 0) Interlocked.Increment(ref allocating);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.That(wrong, Is.Zero, "answers differ between threads");
        Assert.That(allocating, Is.Zero, "threads allocated");
    }
}
