using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What every trainer of the package promises beyond the contract of all trainers.</summary>
[TestFixture]
public sealed class LibraryTrainerTests
{
    // ML.NET answers every row with 0 then, a number far from all labels, or a probability of one half.
    [TestCase("fast-tree", TaskKind.Regression)]
    [TestCase("fast-tree", TaskKind.BinaryClassification)]
    [TestCase("fast-forest", TaskKind.Regression)]
    [TestCase("gam", TaskKind.Regression)]
    [TestCase("gam", TaskKind.BinaryClassification)]
    public void TrainAsync_NothingToSplitOn_IsRefused(string name, TaskKind task)
    {
        ITrainer trainer = name switch
        {
            "fast-tree" => MicrosoftML.FastTree(),
            "fast-forest" => MicrosoftML.FastForest(),
            _ => MicrosoftML.Gam(),
        };
        var features = TrainingRows.Matrix([.. Enumerable.Repeat(1f, 100 * TrainingRows.Width)]);
        double[] labels = [.. Enumerable.Range(0, 100).Select(row => task == TaskKind.Regression ? 1000.0 + row : row % 10 == 0 ? 1 : 0)];

        Assert.That(
            async () => await trainer.TrainAsync(TrainingRows.Context(task, features, labels)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("found no split"));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public async Task TrainAsync_Rows_BeatsAGuess(string name, TaskKind task)
    {
        var context = TrainingRows.Context(task);
        using var model = await Catalog.Small(name).TrainAsync(context);

        Assert.That(Loss(model, context), Is.LessThan(0.8 * LossOfAGuess(context)));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public async Task TrainAsync_Again_SameBytes(string name, TaskKind task)
    {
        using var first = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task));
        using var again = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task));

        Assert.That(TrainingRows.Save(again), Is.EqualTo(TrainingRows.Save(first)));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public async Task TrainAsync_Model_NeedsNoneOfTheLibrary(string name, TaskKind task)
    {
        using var model = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task));

        Assert.That(model.GetType().Assembly, Is.EqualTo(typeof(IModel).Assembly));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public void TrainAsync_OneClass_IsRefused(string name, TaskKind task)
    {
        if (task == TaskKind.Regression) return;
        var context = TrainingRows.Context(task, labels: [.. Enumerable.Repeat(1.0, TrainingRows.Features().RowCount)]);

        Assert.That(
            async () => await Catalog.Small(name).TrainAsync(context),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("one class"));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.Weighted))]
    public async Task TrainAsync_Weights_ReachTheTrainer(string name)
    {
        var trainer = Catalog.Small(name);
        var task = trainer.Capabilities.Tasks[0];
        var context = TrainingRows.Context(task);
        using var plain = await trainer.TrainAsync(context);
        var labels = context.Labels.ToArray();
        var high = labels.Order().ElementAt(labels.Length / 2);
        using var weighted = await trainer.TrainAsync(TrainingRows.Context(
            task, weights: Array.ConvertAll(labels, label => label > high || label == 1 ? 20.0 : 1)));

        // Whoever counts rows of high labels twenty times expects higher ones.
        Assert.That(
            TrainingRows.Predict(weighted, context.Features).Average(),
            Is.GreaterThan(TrainingRows.Predict(plain, context.Features).Average() + 0.01));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.Names))]
    public void TrainAsync_WeightsOfATrainerThatTakesNone_AreRefused(string name)
    {
        var trainer = Catalog.Small(name);
        if (trainer.Capabilities.Weights) return;
        var context = TrainingRows.Context(
            trainer.Capabilities.Tasks[0], weights: [.. Enumerable.Repeat(2.0, TrainingRows.Features().RowCount)]);

        Assert.That(
            async () => await trainer.TrainAsync(context),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("does not support weights"));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.Names))]
    public void TrainAsync_MissingOrInfiniteFeature_IsRefusedWithItsName(string name)
    {
        foreach (var value in new[] { float.NaN, float.PositiveInfinity })
        {
            var values = new float[400 * TrainingRows.Width];
            TrainingRows.Features().CopyRows(0, 400, values);
            values[2 * 400 + 3] = value;
            var features = TrainingRows.Matrix(values);
            var trainer = Catalog.Small(name);

            Assert.That(
                async () => await trainer.TrainAsync(TrainingRows.Context(
                    trainer.Capabilities.Tasks[0], features, TrainingRows.Labels(trainer.Capabilities.Tasks[0], TrainingRows.Features()))),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'f2' of training row 3"));
        }
    }

    [TestCase("fast-tree", TaskKind.Regression, 1e39, 1.0, "label")]
    [TestCase("sdca", TaskKind.Regression, 1.0, 1e39, "weight")]
    [TestCase("sdca", TaskKind.Regression, 1.0, 1e-60, "weight")]
    public void TrainAsync_BeyondSinglePrecision_IsRefused(string name, TaskKind task, double label, double weight, string what)
    {
        var labels = TrainingRows.Labels(task, TrainingRows.Features());
        labels[5] = label;
        var weights = Enumerable.Repeat(1.0, labels.Length).ToArray();
        weights[5] = weight;

        Assert.That(
            async () => await Catalog.Small(name).TrainAsync(TrainingRows.Context(task, labels: labels, weights: weights)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains(what).And.Message.Contains("single precision"));
    }

    [TestCase("fast-tree")]
    [TestCase("gam")]
    public void TrainAsync_ValidationRowsWithMissingFeatures_AreRefused(string name)
    {
        var values = new float[50 * TrainingRows.Width];
        values[7] = float.NaN;
        var held = new ValidationRows(TrainingRows.Matrix(values), new double[50], default);

        Assert.That(
            async () => await Catalog.Small(name).TrainAsync(TrainingRows.Context(TaskKind.Regression, validation: held)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("of validation row 7"));
    }

    [TestCase("fast-tree", TaskKind.BinaryClassification, "trees", 400)]
    [TestCase("fast-tree", TaskKind.Regression, "trees", 400)]
    [TestCase("gam", TaskKind.BinaryClassification, "iterations", 3000)]
    [TestCase("gam", TaskKind.Regression, "iterations", 3000)]
    public async Task TrainAsync_ValidationRows_DropWhatDoesNotHelpThem(string name, TaskKind task, string parameter, int much)
    {
        var features = TrainingRows.Features(160);
        var heldFeatures = TrainingRows.Features(300, seed: 11);
        var held = TrainingRows.Context(task, heldFeatures, TrainingRows.Labels(task, heldFeatures, seed: 12));
        var validation = new ValidationRows(held.Features, held.Labels, default);
        (string, HyperparameterValue)[] parameters = [(parameter, much), ("learningRate", 0.3)];
        using var all = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task, features, parameters: parameters));
        using var stopped = await Catalog.Small(name).TrainAsync(
            TrainingRows.Context(task, features, validation: validation, parameters: parameters));
        var fresh = TrainingRows.Features(2000, seed: 21);
        var judged = TrainingRows.Context(task, fresh, TrainingRows.Labels(task, fresh, seed: 22));

        Assert.That(TrainingRows.Save(stopped), Is.Not.EqualTo(TrainingRows.Save(all)));
        Assert.That(Loss(stopped, held), Is.LessThanOrEqualTo(Loss(all, held)));
        // Too many rounds make probabilities too sure; a number they hardly change.
        if (task != TaskKind.Regression) Assert.That(Loss(stopped, judged), Is.LessThan(0.95 * Loss(all, judged)));
    }

    // Of so few drawn rows a tree often does not grow: the round leaves none, and the trees that are kept come from more rounds.
    [TestCase(TaskKind.Regression)]
    [TestCase(TaskKind.BinaryClassification)]
    public async Task TrainAsync_RoundsWithoutATree_KeepsAllTreesUpToTheBest(TaskKind task)
    {
        const int most = 24;
        var features = TrainingRows.Features(60);
        var heldFeatures = TrainingRows.Features(300, seed: 11);
        var held = TrainingRows.Context(task, heldFeatures, TrainingRows.Labels(task, heldFeatures, seed: 12));
        var validation = new ValidationRows(held.Features, held.Labels, default);
        var losses = new List<double>();
        for (var trees = 1; trees <= most; trees++) losses.Add(await LossAfter(trees, null));

        Assert.That(await LossAfter(most, validation), Is.EqualTo(losses.Min()).Within(1e-12));
        Assert.That(losses.Distinct().Count(), Is.LessThan(most - 5), "trees grow in all rounds");

        async Task<double> LossAfter(int trees, ValidationRows? validation)
        {
            var trainer = MicrosoftML.FastTree(o =>
                (o.Trees, o.Leaves, o.MinLeafRows, o.RowFraction, o.LearningRate) = (trees, 4, 10, 0.3, 0.3));
            using var model = await trainer.TrainAsync(TrainingRows.Context(task, features, validation: validation));
            return Loss(model, held);
        }
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public void TrainAsync_CancelledWhileItLearns_Ends(string name, TaskKind task)
    {
        using var cancellation = new CancellationTokenSource();
        const int rows = 20_000;
        var features = TrainingRows.Features(rows);
        var logger = new CancellingLogger(cancellation, BeginOf(name));
        // Trainers that say nothing while they learn are cancelled within their third pass over the rows, the others when they begin.
        var isSilent = BeginOf(name) == Silent;
        using var labels = new CancellingLabels(
            cancellation, TrainingRows.Labels(task, features), isSilent ? 2 * rows + rows / 2 : int.MaxValue);

        Assert.That(
            async () => await Catalog.Endless(name).TrainAsync(
                TrainingRows.Context(task, features, logger: logger, labelMemory: labels.Memory), cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((logger.Heard, labels.AreSpent), Is.EqualTo((!isSilent, isSilent)));
    }

    [Test]
    public async Task TrainAsync_CancelledWhileAnotherOfItsLibraryTrains_EndsWithoutWaiting()
    {
        using var endOther = new CancellationTokenSource();
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var other = MicrosoftML.FastTree(o => o.Trees = 10_000).TrainAsync(
            TrainingRows.Context(TaskKind.Regression, TrainingRows.Features(20_000), progress: new Begin(begun)), endOther.Token).AsTask();
        await begun.Task;
        var training = Catalog.Small("gam").TrainAsync(TrainingRows.Context(TaskKind.Regression), cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        Assert.That(async () => await training, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(other.IsCompleted, Is.False);
        await endOther.CancelAsync();
        Assert.That(async () => await other, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task TrainAsync_AfterACancelledTraining_TrainsAsEver()
    {
        using var before = await Catalog.Small("gam").TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification));
        TrainAsync_CancelledWhileItLearns_Ends("gam", TaskKind.BinaryClassification);
        using var after = await Catalog.Small("gam").TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification));

        Assert.That(TrainingRows.Save(after), Is.EqualTo(TrainingRows.Save(before)));
    }

    [TestCase("fast-forest")]
    [TestCase("averaged-perceptron")]
    [TestCase("linear-svm")]
    public async Task TrainAsync_TrainerOfMargins_GivesCalibratedProbabilities(string name)
    {
        var context = TrainingRows.Context(TaskKind.BinaryClassification, TrainingRows.Features(3000));
        using var model = await Catalog.Small(name).TrainAsync(context);
        var fresh = TrainingRows.Features(3000, seed: 31);
        var labels = TrainingRows.Labels(TaskKind.BinaryClassification, fresh, seed: 32);
        var predicted = TrainingRows.Predict(model, fresh);

        // Of the rows to which a probability of about p is given, about p are positive.
        var error = predicted.Zip(labels)
            .GroupBy(row => Math.Min((int)(row.First * 10), 9))
            .Sum(bin => Math.Abs(bin.Sum(row => row.Second - row.First)))
            / labels.Length;
        Assert.That(error, Is.LessThan(0.05));
    }

    [TestCase("fast-forest")]
    [TestCase("linear-svm")]
    public void TrainAsync_TooFewRowsOfAClassToCalibrate_IsRefused(string name)
    {
        var labels = new double[400];
        labels[0] = labels[1] = 1;

        Assert.That(
            async () => await Catalog.Small(name).TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification, labels: labels)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("2 training rows").And.Property("Remedy").Not.Null);
    }

    [TestCase("sdca")]
    [TestCase("lbfgs-logistic-regression")]
    public async Task TrainAsync_FirstRowOfALaterClassAndAClassWithoutRows_KeepsTheProblemsOrder(string name)
    {
        var features = TrainingRows.Features();
        // Classes 2, 3 and 4 of five: the first row is of 4 as likely as of another, and 0 and 1 have none.
        var labels = Array.ConvertAll(TrainingRows.Labels(TaskKind.MulticlassClassification, features), label => 4 - label);
        using var model = await Catalog.Small(name).TrainAsync(
            TrainingRows.Context(TaskKind.MulticlassClassification, features, labels, classCount: 5));
        var predicted = TrainingRows.Predict(model, features).Chunk(5).ToArray();

        Assert.That(predicted.Select(row => row[0] + row[1]), Is.All.LessThan(0.05));
        Assert.That(
            predicted.Zip(labels).Count(row => Array.IndexOf(row.First, row.First.Max()) == (int)row.Second),
            Is.GreaterThan(0.7 * labels.Length));
    }

    [TestCaseSource(typeof(Catalog), nameof(Catalog.NamesAndTasks))]
    public async Task TrainAsync_SparseFeatures_PredictsAsFromDenseOnes(string name, TaskKind task)
    {
        var dense = TrainingRows.Features();
        var sparse = TrainingRows.Sparse(dense);
        using var fromDense = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task, dense));
        using var fromSparse = await Catalog.Small(name).TrainAsync(TrainingRows.Context(task, sparse, TrainingRows.Labels(task, dense)));

        Assert.That(
            TrainingRows.Predict(fromSparse, sparse), Is.EqualTo(TrainingRows.Predict(fromDense, dense)).Within(0.02));
    }

    [Test]
    public void TrainAsync_NegativeCount_IsRefused()
    {
        var labels = TrainingRows.Labels(TaskKind.Regression, TrainingRows.Features());
        labels[9] = -1;

        Assert.That(
            async () => await Catalog.Small("lbfgs-poisson-regression").TrainAsync(
                TrainingRows.Context(TaskKind.Regression, labels: labels)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("training row 9 is -1"));
    }

    [TestCase("lbfgs-logistic-regression", TaskKind.BinaryClassification)]
    [TestCase("lbfgs-logistic-regression", TaskKind.MulticlassClassification)]
    [TestCase("lbfgs-poisson-regression", TaskKind.Regression)]
    public async Task TrainAsync_ThreadsOfItsOwn_DecideTheModelWhateverIsAllowed(string name, TaskKind task)
    {
        var features = TrainingRows.Features(3000);
        async Task<byte[]> Train(int own, int allowed)
        {
            using var model = await Catalog.Small(name).TrainAsync(
                TrainingRows.Context(task, features, threads: allowed, parameters: [("threads", own)]));
            return TrainingRows.Save(model);
        }

        var (one, three) = (await Train(1, 1), await Train(3, 1));

        Assert.That(three, Is.Not.EqualTo(one), "the sums of parts differ in their last bits");
        Assert.That(await Train(1, 4), Is.EqualTo(one));
        Assert.That(await Train(3, 1), Is.EqualTo(three));
        Assert.That(await Train(3, 8), Is.EqualTo(three));
    }

    [Test]
    public void LbfgsLogisticRegression_ThreadsOutOfRange_AreRefused() => Assert.That(
        () => MicrosoftML.LbfgsLogisticRegression(o => o.Threads = 0),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("threads").IgnoreCase);

    [TestCase("lbfgs-logistic-regression", TaskKind.BinaryClassification)]
    [TestCase("lbfgs-poisson-regression", TaskKind.Regression)]
    public async Task TrainAsync_OfSeveralPartsCancelledWhileItLearns_Ends(string name, TaskKind task)
    {
        const string learned = "regularization selected";
        using var cancellation = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var logger = new CancellingLogger(cancellation, BeginOf(name));
        var loggerOfAll = new CancellingLogger(other, learned);
        async Task Train(CancellingLogger heardBy, CancellationToken cancellationToken)
        {
            using var model = await Catalog.Small(name).TrainAsync(
                TrainingRows.Context(task, TrainingRows.Features(20_000), logger: heardBy, parameters: [("threads", 2)]),
                cancellationToken);
        }

        Assert.That(async () => await Train(logger, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        await Train(loggerOfAll, CancellationToken.None);

        Assert.That(logger.Heard, Is.True);
        Assert.That(logger.Afterwards, Has.None.Contains(learned));
        Assert.That(loggerOfAll.Heard, Is.True, "without a cancellation it learns to the end");
    }

    private const string Silent = "(nothing)";

    private static string BeginOf(string name) => name switch
    {
        "fast-tree" or "fast-forest" or "gam" => "Starting to train",
        "sdca" => "Using 1 thread to train",
        "averaged-perceptron" or "linear-svm" => Silent,
        _ => "Beginning optimization",
    };

    private static double Loss(IModel model, TrainingContext context) =>
        Loss(TrainingRows.Predict(model, context.Features), context, model.Signature.Outputs);

    private static double LossOfAGuess(TrainingContext context)
    {
        var labels = context.Labels.ToArray();
        double[] guess = context.Task == TaskKind.MulticlassClassification
            ? [.. Enumerable.Range(0, context.ClassCount).Select(k => labels.Count(label => label == k) / (double)labels.Length)]
            : [labels.Average()];
        return Loss([.. labels.SelectMany(_ => guess)], context, guess.Length);
    }

    private static double Loss(double[] predicted, TrainingContext context, int outputs) => predicted.Chunk(outputs)
        .Zip(context.Labels.ToArray())
        .Average(row => context.Task switch
        {
            TaskKind.Regression => Math.Pow(row.First[0] - row.Second, 2),
            TaskKind.BinaryClassification => -Math.Log(Math.Max(row.Second > 0 ? row.First[0] : 1 - row.First[0], 1e-15)),
            _ => -Math.Log(Math.Max(row.First[(int)row.Second], 1e-15)),
        });

    private sealed class Begin(TaskCompletionSource begun) : IProgress<double>
    {
        public void Report(double value) => begun.TrySetResult();
    }
}
