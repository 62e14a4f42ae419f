using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="ITrainer"/> and the <see cref="IModel"/>s that it trains promise, for every task that it solves. Derive a
/// fixture from it for each trainer.
/// </summary>
[TestFixture]
public abstract class TrainerContract
{
    /// <summary>The number of training rows, at least 100. Default: 600.</summary>
    protected virtual int RowCount => 600;

    /// <summary>The number of features, at least 3. Default: 6.</summary>
    protected virtual int Width => 6;

    /// <summary>Values of hyperparameters other than their defaults, for example to train in less time. Default: none.</summary>
    protected virtual IReadOnlyDictionary<string, HyperparameterValue> Parameters => new Dictionary<string, HyperparameterValue>();

    /// <summary>Makes the label of a regression, for trainers that do not learn every number. Default: the number itself.</summary>
    /// <param name="number">A number of either sign.</param>
    protected virtual double RegressionLabel(double number) => number;

    /// <summary>
    /// Whether predicting allocates, as it does where another library's engine is used. Default: no.
    /// </summary>
    protected virtual bool MayAllocate => false;

    /// <summary>Makes the trainer.</summary>
    protected abstract ITrainer Create();

    /// <summary>Registers the readers of the models.</summary>
    /// <param name="readers">Where to.</param>
    protected abstract void AddReaders(FormatReaders readers);

    /// <summary>The trainer says what it is and does, and its defaults lie within its bounds.</summary>
    [Test]
    public void Describe_Trainer_SaysWhatItDoes() => TrainingChecks.Describe(Create());

    /// <summary>
    /// The same rows, settings and seed train the same model, to the byte, again and with two threads, as far as the trainer says so.
    /// </summary>
    [Test]
    public Task TrainAsync_AgainAndWithTwoThreads_SameBytes() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (trainer.Capabilities.Determinism == Determinism.Never) return;
        using var first = await trainer.TrainAsync(Context(trainer, task)).ConfigureAwait(false);
        using var again = await trainer.TrainAsync(Context(trainer, task)).ConfigureAwait(false);

        Assert.That(Cells.Save(again.Save), Is.EqualTo(Cells.Save(first.Save)), "again");
        if (trainer.Capabilities.Determinism != Determinism.AnyThreads) return;
        using var threads = await trainer.TrainAsync(Context(trainer, task, threads: 2)).ConfigureAwait(false);
        Assert.That(Cells.Save(threads.Save), Is.EqualTo(Cells.Save(first.Save)), "with two threads");
    });

    /// <summary>The signature is that of the task and rows.</summary>
    [Test]
    public Task TrainAsync_Task_HasItsSignature() => ForEachTaskAsync(async (trainer, task) =>
    {
        using var model = await trainer.TrainAsync(Context(trainer, task)).ConfigureAwait(false);

        var outputs = task == TaskKind.MulticlassClassification ? TaskFeatures.Classes : 1;
        Assert.That(model.Signature, Is.EqualTo(new ModelSignature(task, Width, outputs)));
    });

    /// <summary>Several trainings may run at once.</summary>
    [Test]
    public Task TrainAsync_SeveralAtOnce_SameBytes() => ForEachTaskAsync(async (trainer, task) =>
    {
        var models = await Task.WhenAll(Enumerable.Range(0, 3).Select(
            _ => Task.Run(async () => await trainer.TrainAsync(Context(trainer, task)).ConfigureAwait(false)))).ConfigureAwait(false);
        var bytes = models.Select(model => Cells.Save(model.Save)).ToArray();
        foreach (var model in models) model.Dispose();

        if (trainer.Capabilities.Determinism == Determinism.Never) return;
        foreach (var each in bytes) Assert.That(each, Is.EqualTo(bytes[0]), "the models of trainings at the same time");
    });

    /// <summary>Saved and read by its registered reader, a model predicts the same, to the bit.</summary>
    [Test]
    public Task SaveAndRead_Model_SameBytesAndBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var bytes = Cells.Save(model.Save);
        var readers = new FormatReaders();
        AddReaders(readers);

        using var read = readers.Read<IModel>(model.FormatId, bytes);

        Assert.That(read.FormatId, Is.EqualTo(model.FormatId));
        Assert.That(read.Signature, Is.EqualTo(model.Signature));
        Assert.That(Cells.Save(read.Save), Is.EqualTo(bytes), "the bytes of the model that was read");
        Assert.That(
            Cells.Bits(Predictions.Of(read, context.Features)),
            SameBits.As(Cells.Bits(Predictions.Of(model, context.Features))),
            "the predictions of the model that was read");
    });

    /// <summary>
    /// Predictions are finite; those of classifiers are probabilities, which sum to 1 over several classes, at least in single precision.
    /// </summary>
    [Test]
    public Task Predict_Rows_AreFiniteAndProbabilities() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);

        var predicted = Predictions.Of(model, context.Features);

        Assert.That(predicted, Is.All.Matches<double>(double.IsFinite));
        if (task == TaskKind.Regression) return;
        Assert.That(predicted, Is.All.InRange(0.0, 1.0));
        if (task == TaskKind.MulticlassClassification)
        {
            Assert.That(predicted.Chunk(TaskFeatures.Classes).Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-6));
        }
    });

    /// <summary>A row alone is predicted as among others, to the bit, and memory that was used before does not matter.</summary>
    [Test]
    public Task Predict_OneRow_SameBitsAsBatch() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var batch = Predictions.Of(model, context.Features);
        var row = new float[Width];
        var output = new double[model.Signature.Outputs];
        using var scratch = new PredictScratch();
        for (var i = 0; i < context.Features.RowCount; i++)
        {
            context.Features.CopyRows(i, 1, row);
            output.AsSpan().Fill(7.5);
            scratch.Doubles(32).Fill(-3.5);
            model.Predict(new FeatureBlock(row, Width), output, scratch);
            Assert.That(Cells.Bits(output), SameBits.As(Cells.Bits(batch.AsSpan(i * output.Length, output.Length).ToArray())), $"row {i}");
        }
    });

    /// <summary>
    /// The rows before a row do not matter: in one block or one by one, in any order and twice in a row, each gets the answer that it gets
    /// alone, to the bit. Engines that keep what they computed until a position changes break this silently.
    /// </summary>
    [Test]
    public Task Predict_RowsInAnyOrder_SameBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        double[][] alone = [.. Enumerable.Range(0, 50).Select(row => Predictions.Of(model, context.Features.Take([row])))];
        using var scratch = new PredictScratch();
        foreach (var (order, rows) in Orders.Of(alone.Length))
        {
            var expected = Cells.Bits([.. rows.SelectMany(row => alone[row])]);
            var features = context.Features.Take(rows);
            Assert.That(Cells.Bits(Predictions.Of(model, features, scratch)), SameBits.As(expected), $"in one block, {order}");
            double[] oneByOne = [.. rows.SelectMany(row => Predictions.Of(model, context.Features.Take([row]), scratch))];
            Assert.That(Cells.Bits(oneByOne), SameBits.As(expected), $"one by one, {order}");
        }
    });

    /// <summary>
    /// Predicting is thread-safe: any thread with its own scratch gets the answers of the thread that trained, to the bit.
    /// </summary>
    [Test]
    public Task Predict_FromManyThreads_SameBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var expected = Predictions.Of(model, context.Features);
        var (count, outputs) = (context.Features.RowCount, model.Signature.Outputs);

        var found = OwnThreads.Run(16, number =>
        {
            // Each thread is at another row, so that an engine that threads share mixes their rows up.
            var oneByOne = new double[expected.Length];
            var row = new float[Width];
            using var scratch = new PredictScratch();
            foreach (var i in Orders.From(number * count / 16, count))
            {
                context.Features.CopyRows(i, 1, row);
                model.Predict(new FeatureBlock(row, Width), oneByOne.AsSpan(i * outputs, outputs), scratch);
            }

            return (OneByOne: Cells.Bits(oneByOne), Block: Cells.Bits(Predictions.Of(model, context.Features)));
        });

        var ofOneThread = Cells.Bits(expected);
        for (var thread = 0; thread < found.Length; thread++)
        {
            Assert.That(found[thread].OneByOne, SameBits.As(ofOneThread), $"one by one, thread {thread} of {found.Length}");
            Assert.That(found[thread].Block, SameBits.As(ofOneThread), $"in one block, thread {thread} of {found.Length}");
        }
    });

    /// <summary>
    /// A thread that asks two models in turn with one scratch gets the answers of each: what they keep in it belongs to the model, not to
    /// its type.
    /// </summary>
    [Test]
    public Task Predict_OneScratchForTwoModels_SameBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var first = await trainer.TrainAsync(context).ConfigureAwait(false);
        double[] others = [.. context.Labels.ToArray().Reverse()];
        using var second = await trainer.TrainAsync(Context(trainer, task, context.Features, others)).ConfigureAwait(false);
        var ofFirst = Cells.Bits(Predictions.Of(first, context.Features));
        var ofSecond = Cells.Bits(Predictions.Of(second, context.Features));

        using var scratch = new PredictScratch();
        for (var round = 0; round < 2; round++)
        {
            Assert.That(Cells.Bits(Predictions.Of(first, context.Features, scratch)), SameBits.As(ofFirst), "the first model");
            Assert.That(Cells.Bits(Predictions.Of(second, context.Features, scratch)), SameBits.As(ofSecond), "the second model");
        }
    });

    /// <summary>
    /// After its first use, predicting allocates nothing, for one row and for many; or it does, where the fixture says that it may.
    /// </summary>
    [Test]
    public Task Predict_AfterWarmUp_AllocatesNothing() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var rows = new float[Width * 64];
        context.Features.CopyRows(0, 64, rows);
        var output = new double[64 * model.Signature.Outputs];
        using var scratch = new PredictScratch();
        Run();

        // The runtime may allocate for itself in between, but not every time.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(
            least,
            MayAllocate ? Is.Positive : Is.Zero,
            MayAllocate ? "The models allocate nothing: remove MayAllocate." : "Bytes: keep memory in the scratch, or set MayAllocate.");

        void Run()
        {
            for (var i = 0; i < 20; i++)
            {
                model.Predict(new FeatureBlock(rows, Width), output, scratch);
                model.Predict(new FeatureBlock(rows.AsSpan(0, Width), Width), output, scratch);
            }
        }
    });

    /// <summary>A training that was cancelled ends with <see cref="OperationCanceledException"/>.</summary>
    [Test]
    public Task TrainAsync_Cancelled_Throws() => ForEachTaskAsync(async (trainer, task) =>
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync().ConfigureAwait(false);

        Assert.That(
            async () => await trainer.TrainAsync(Context(trainer, task), cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
    });

    /// <summary>
    /// A training that is cancelled while it trains (when it reads labels, reports progress or logs) ends with
    /// <see cref="OperationCanceledException"/>, as soon as <see cref="TrainerCapabilities.Cancellation"/> says, and the trainer trains the
    /// same model afterwards as before.
    /// </summary>
    [Test]
    public Task TrainAsync_CancelledWhileItTrains_EndsAndTrainsAgain() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        await TrainingChecks.EndsWhenCancelledAsync(trainer, context.Labels.ToArray(), async (watch, cancellationToken) =>
        {
            using var model = await trainer.TrainAsync(
                Context(trainer, task, context.Features, watch.Memory, watch: watch), cancellationToken).ConfigureAwait(false);
            return Cells.Save(model.Save);
        }).ConfigureAwait(false);
    });

    /// <summary>
    /// Outputs are in the order of the problem's classes, whichever class the rows begin with: a fold may begin with any.
    /// </summary>
    [Test]
    public Task TrainAsync_ClassesFirstOccurInAnotherOrder_OutputsKeepTheProblems() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (task == TaskKind.Regression) return;
        var context = ClearClasses(trainer, task, _ => true);

        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);

        TrainingChecks.ClassOrder(Predictions.Of(model, context.Features), context.Labels.Span, context.ClassCount);
    });

    /// <summary>
    /// Without rows of one of several classes, as a fold may be, the outputs are still one per class of the problem, or the rows are
    /// rejected with a remedy.
    /// </summary>
    [Test]
    public Task TrainAsync_ClassWithoutRows_KeepsItsOutputOrIsRefused() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (task != TaskKind.MulticlassClassification) return;
        foreach (var absent in new[] { 0, TaskFeatures.Classes - 1 })
        {
            var context = ClearClasses(trainer, task, label => label != absent);
            IModel model;
            try
            {
                model = await trainer.TrainAsync(context).ConfigureAwait(false);
            }
            catch (MlOpsException refusal)
            {
                Assert.That(refusal.Remedy, Is.Not.Null.And.Not.Empty, $"without class {absent}");
                continue;
            }

            using var owner = model;
            Assert.That(model.Signature.Outputs, Is.EqualTo(TaskFeatures.Classes), $"without class {absent}");
            TrainingChecks.ClassOrder(Predictions.Of(model, context.Features), context.Labels.Span, TaskFeatures.Classes);
        }
    });

    /// <summary>A task that the trainer does not name is rejected with a remedy.</summary>
    [Test]
    public void TrainAsync_TaskThatItDoesNotSolve_IsRefused()
    {
        var trainer = Create();
        foreach (var task in Enum.GetValues<TaskKind>().Except(trainer.Capabilities.Tasks))
        {
            Assert.That(
                async () => await trainer.TrainAsync(Context(trainer, task)).ConfigureAwait(false),
                Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null,
                $"{task} is not declared: call context.Check(this) first");
        }
    }

    /// <summary>Missing features are understood where the trainer says so, and rejected with a remedy otherwise.</summary>
    [Test]
    public Task TrainAsync_MissingFeatures_AreUnderstoodOrRefused() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task, missing: true);
        if (!trainer.Capabilities.HandlesMissing)
        {
            Assert.That(
                async () => await trainer.TrainAsync(context).ConfigureAwait(false),
                Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null,
                "HandlesMissing is false: call context.Check(this) first");
            return;
        }

        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        Assert.That(Predictions.Of(model, context.Features), Is.All.Matches<double>(double.IsFinite));
    });

    /// <summary>A hyperparameter beyond its bounds is rejected.</summary>
    [Test]
    public Task TrainAsync_HyperparameterBeyondItsBounds_IsRefused() => ForEachTaskAsync((trainer, task) =>
    {
        foreach (var hyperparameter in trainer.Hyperparameters)
        {
            var context = Context(trainer, task, set: new(hyperparameter.Name, TrainingChecks.Beyond(hyperparameter)));
            Assert.That(
                async () => await trainer.TrainAsync(context).ConfigureAwait(false),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains(hyperparameter.Name),
                $"{hyperparameter.Name}: call context.Check(this) first");
        }

        return Task.CompletedTask;
    });

    private async Task ForEachTaskAsync(Func<ITrainer, TaskKind, Task> test)
    {
        foreach (var task in Create().Capabilities.Tasks)
        {
            TestContext.Out.WriteLine(task);
            await test(Create(), task).ConfigureAwait(false);
        }
    }

    private TrainingContext Context(
        ITrainer trainer, TaskKind task, int threads = 1, bool missing = false, KeyValuePair<string, HyperparameterValue>? set = null)
    {
        var (features, labels) = new TaskFeatures(RowCount, Width).Create(task, RegressionLabel, missing);
        return Context(trainer, task, features, labels, threads, set);
    }

    private TrainingContext ClearClasses(ITrainer trainer, TaskKind task, Func<double, bool> isKept)
    {
        var (features, labels) = new TaskFeatures(RowCount, Width).CreateClearClasses(task, isKept);
        return Context(trainer, task, features, labels);
    }

    private TrainingContext Context(
        ITrainer trainer,
        TaskKind task,
        FeatureMatrix features,
        ReadOnlyMemory<double> labels,
        int threads = 1,
        KeyValuePair<string, HyperparameterValue>? set = null,
        TrainingWatch? watch = null) => new()
    {
        Task = task,
        Features = features,
        Labels = labels,
        ClassCount = TaskFeatures.ClassCount(task),
        Parameters = TrainingChecks.Parameters(trainer, Parameters, set),
        Seed = 5,
        Threads = threads,
        Progress = watch,
        Logger = watch ?? (ILogger)NullLogger.Instance,
    };
}
