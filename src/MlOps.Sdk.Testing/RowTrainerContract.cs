using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IRowTrainer"/> and the <see cref="IRowModel"/>s that it trains promise, for every task that it solves. Derive a
/// fixture from it for each trainer.
/// </summary>
[TestFixture]
public abstract class RowTrainerContract
{
    /// <summary>The tasks to test. Default: those that the trainer names.</summary>
    protected virtual IReadOnlyList<TaskKind> Tasks => Create().Capabilities.Tasks;

    /// <summary>Values of hyperparameters other than their defaults, for example to train in less time. Default: none.</summary>
    protected virtual IReadOnlyDictionary<string, HyperparameterValue> Parameters => new Dictionary<string, HyperparameterValue>();

    /// <summary>
    /// The training rows, at least 100; those of a multiclass task have at least 3 classes. Default: 300 of <see cref="SampleRows"/>, whose
    /// label <see cref="SampleRows.Label"/> is yes or no, or one of high, low and middle by the visits, or a number that depends on visits
    /// and member.
    /// </summary>
    /// <param name="task">The task.</param>
    protected virtual Dataset Rows(TaskKind task) => TaskRows.Create(300, task);

    /// <summary>What is to be solved, in the columns of <see cref="Rows"/>. Default: the label is <see cref="SampleRows.Label"/>.</summary>
    /// <param name="task">The task.</param>
    protected virtual ProblemDefinition Problem(TaskKind task) => new()
    {
        Task = task,
        Label = SampleRows.Label,
        PositiveClass = task == TaskKind.BinaryClassification ? SampleRows.Positive : null,
    };

    /// <summary>Makes the trainer. Each call gives an equal one.</summary>
    protected abstract IRowTrainer Create();

    /// <summary>Registers the readers of the models.</summary>
    /// <param name="readers">Where to.</param>
    protected abstract void AddReaders(FormatReaders readers);

    /// <summary>The trainer says what it is and does, and its defaults lie within its bounds.</summary>
    [Test]
    public void Describe_Trainer_SaysWhatItDoes()
    {
        TrainingChecks.Describe(Create());
        Assert.That(Tasks, Is.Not.Empty.And.SubsetOf(Create().Capabilities.Tasks));
    }

    /// <summary>
    /// The same rows, settings and seed train the same model, to the byte, again and with two threads, as far as the trainer says so.
    /// </summary>
    [Test]
    public Task TrainAsync_AgainAndWithTwoThreads_SameBytes() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (trainer.Capabilities.Determinism == Determinism.Never) return;
        var first = await BytesAsync(trainer, Context(trainer, task)).ConfigureAwait(false);

        Assert.That(await BytesAsync(trainer, Context(trainer, task)).ConfigureAwait(false), Is.EqualTo(first), "again");
        if (trainer.Capabilities.Determinism != Determinism.AnyThreads) return;
        Assert.That(
            await BytesAsync(trainer, Context(trainer, task, threads: 2)).ConfigureAwait(false), Is.EqualTo(first), "with two threads");
    });

    /// <summary>Several trainings may run at once.</summary>
    [Test]
    public Task TrainAsync_SeveralAtOnce_SameBytes() => ForEachTaskAsync(async (trainer, task) =>
    {
        var bytes = await Task.WhenAll(Enumerable.Range(0, 3).Select(
            _ => Task.Run(() => BytesAsync(trainer, Context(trainer, task))))).ConfigureAwait(false);

        if (trainer.Capabilities.Determinism == Determinism.Never) return;
        foreach (var each in bytes) Assert.That(each, Is.EqualTo(bytes[0]), "the models of trainings at the same time");
    });

    /// <summary>The model reads columns of the rows, as they are there, and never the label; its signature is that of the task.</summary>
    [Test]
    public Task TrainAsync_Task_HasItsSignature() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);

        Assert.That(context.Rows.RowCount, Is.AtLeast(100), "The contract needs at least 100 rows.");
        Assert.That(model.Signature, Is.EqualTo(new ModelSignature(task, model.Inputs.Count, context.Encoding.Outputs)));
        Assert.That(model.Inputs, Is.Not.Empty.And.Unique.And.SubsetOf(context.Rows.Schema));
        Assert.That(model.Inputs.Select(field => field.Name), Has.None.EqualTo(context.Problem.Label));
    });

    /// <summary>Saved and read by its registered reader, a model reads the same columns and predicts the same, to the bit.</summary>
    [Test]
    public Task SaveAndRead_Model_SameBytesAndBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var bytes = Cells.Save(model.Save);
        var readers = new FormatReaders();
        AddReaders(readers);

        using var read = readers.Read<IRowModel>(model.FormatId, bytes);

        Assert.That(read.FormatId, Is.EqualTo(model.FormatId));
        Assert.That(read.Signature, Is.EqualTo(model.Signature));
        Assert.That(read.Inputs, Is.EqualTo(model.Inputs));
        Assert.That(Cells.Save(read.Save), Is.EqualTo(bytes), "the bytes of the model that was read");
        Assert.That(
            Cells.Bits(Predictions.Of(read, context.Rows)),
            SameBits.As(Cells.Bits(Predictions.Of(model, context.Rows))),
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

        var predicted = Predictions.Of(model, context.Rows);

        Assert.That(predicted, Is.All.Matches<double>(double.IsFinite));
        if (task == TaskKind.Regression) return;
        Assert.That(predicted, Is.All.InRange(0.0, 1.0));
        if (task == TaskKind.BinaryClassification) return;
        Assert.That(predicted.Chunk(context.ClassCount).Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-6));
    });

    /// <summary>
    /// The rows before a row do not matter: in one block or one by one, in any order and twice in a row, each gets the answer that it gets
    /// alone, to the bit; as a part of a larger block too, and whatever the memory for the answer held. Engines that keep what they
    /// computed until a position changes break this silently.
    /// </summary>
    [Test]
    public Task Predict_RowsInAnyOrder_SameBits() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var columns = Predictions.Columns(model, context.Rows);
        double[][] alone = [.. Enumerable.Range(0, 40).Select(row => Predictions.Of(model, context.Rows.Take([row])))];
        using var scratch = new PredictScratch();
        foreach (var (order, rows) in Orders.Of(alone.Length))
        {
            var expected = Cells.Bits([.. rows.SelectMany(row => alone[row])]);
            Assert.That(
                Cells.Bits(Predictions.Of(model, context.Rows.Take(rows), scratch)), SameBits.As(expected), $"in one block, {order}");
            double[] oneByOne = [.. rows.SelectMany(row => Predictions.Of(model, context.Rows.Take([row]), scratch))];
            Assert.That(Cells.Bits(oneByOne), SameBits.As(expected), $"one by one, {order}");
            double[] parts = [.. rows.SelectMany(row => Predictions.Of(model, columns, row, 1, scratch))];
            Assert.That(Cells.Bits(parts), SameBits.As(expected), $"as parts of a block, {order}");
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
        var expected = Cells.Bits(Predictions.Of(model, context.Rows));
        var columns = Predictions.Columns(model, context.Rows);
        var (count, outputs) = (context.Rows.RowCount, model.Signature.Outputs);

        var found = OwnThreads.Run(16, number =>
        {
            // Each thread is at another row, so that an engine that threads share mixes their rows up.
            var oneByOne = new double[expected.Length];
            using var scratch = new PredictScratch();
            foreach (var row in Orders.From(number * count / 16, count))
            {
                Predictions.Of(model, columns, row, 1, scratch).CopyTo(oneByOne.AsSpan(row * outputs));
            }

            return (OneByOne: Cells.Bits(oneByOne), Block: Cells.Bits(Predictions.Of(model, context.Rows)));
        });

        for (var thread = 0; thread < found.Length; thread++)
        {
            Assert.That(found[thread].OneByOne, SameBits.As(expected), $"one by one, thread {thread} of {found.Length}");
            Assert.That(found[thread].Block, SameBits.As(expected), $"in one block, thread {thread} of {found.Length}");
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
        using var second = await trainer.TrainAsync(
            Context(trainer, context, [.. Enumerable.Range(0, context.Rows.RowCount).Where(row => row % 3 > 0)])).ConfigureAwait(false);
        var (ofFirst, ofSecond) = (Cells.Bits(Predictions.Of(first, context.Rows)), Cells.Bits(Predictions.Of(second, context.Rows)));

        using var scratch = new PredictScratch();
        for (var round = 0; round < 2; round++)
        {
            Assert.That(Cells.Bits(Predictions.Of(first, context.Rows, scratch)), SameBits.As(ofFirst), "the first model");
            Assert.That(Cells.Bits(Predictions.Of(second, context.Rows, scratch)), SameBits.As(ofSecond), "the second model");
        }
    });

    /// <summary>
    /// Missing values, and values that training never saw, get the same finite answer each time or are rejected with a remedy, and the rows
    /// after them get the answers that they get alone.
    /// </summary>
    [Test]
    public Task Predict_MissingAndUnseenValues_AreAnsweredOrRefused() => ForEachTaskAsync(async (trainer, task) =>
    {
        var context = Context(trainer, task);
        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);
        var strange = StrangeRows.Of(new Schema(model.Inputs));
        var expected = Cells.Bits(Predictions.Of(model, context.Rows.Take([0])));
        using var scratch = new PredictScratch();
        for (var row = 0; row < strange.RowCount; row++)
        {
            var one = strange.Take([row]);
            var answer = Predictions.Try(model, one, scratch);
            var again = Predictions.Try(model, one, scratch);

            if (answer is not null) Assert.That(answer, Is.All.Matches<double>(double.IsFinite), $"row {row}");
            Assert.That(again is null, Is.EqualTo(answer is null), $"row {row} again");
            if (again is not null) Assert.That(Cells.Bits(again), SameBits.As(Cells.Bits(answer!)), $"row {row} again");
            Assert.That(
                Cells.Bits(Predictions.Of(model, context.Rows.Take([0]), scratch)), SameBits.As(expected), $"the row after row {row}");
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
        await TrainingChecks.EndsWhenCancelledAsync(
            trainer,
            context.Labels.ToArray(),
            (watch, cancellationToken) => BytesAsync(trainer, Context(trainer, context, watch: watch), cancellationToken))
            .ConfigureAwait(false);
    });

    /// <summary>
    /// Outputs are in the order of the problem's classes, whichever class the rows begin with: a fold may begin with any.
    /// </summary>
    [Test]
    public Task TrainAsync_ClassesFirstOccurInAnotherOrder_OutputsKeepTheProblems() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (task == TaskKind.Regression) return;
        var all = Context(trainer, task);
        var context = Context(trainer, all, TrainingChecks.InAnotherOrderOfClasses(all.Labels.Span, all.ClassCount));

        using var model = await trainer.TrainAsync(context).ConfigureAwait(false);

        TrainingChecks.ClassOrder(Predictions.Of(model, context.Rows), context.Labels.Span, context.ClassCount);
    });

    /// <summary>
    /// Without rows of one of several classes, as a fold may be, the outputs are still one per class of the problem, or the rows are
    /// rejected with a remedy.
    /// </summary>
    [Test]
    public Task TrainAsync_ClassWithoutRows_KeepsItsOutputOrIsRefused() => ForEachTaskAsync(async (trainer, task) =>
    {
        if (task != TaskKind.MulticlassClassification) return;
        var all = Context(trainer, task);
        var classes = all.ClassCount;
        Assert.That(classes, Is.AtLeast(3), "The contract needs at least 3 classes.");
        foreach (var absent in new[] { 0, classes - 1 })
        {
            var labels = all.Labels.ToArray();
            var context = Context(
                trainer, all, [.. TrainingChecks.InAnotherOrderOfClasses(labels, classes).Where(row => labels[row] != absent)]);
            IRowModel model;
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
            Assert.That(model.Signature.Outputs, Is.EqualTo(classes), $"without class {absent}");
            TrainingChecks.ClassOrder(Predictions.Of(model, context.Rows), context.Labels.Span, classes);
        }
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
                hyperparameter.Name);
        }

        return Task.CompletedTask;
    });

    private async Task ForEachTaskAsync(Func<IRowTrainer, TaskKind, Task> test)
    {
        foreach (var task in Tasks)
        {
            TestContext.Out.WriteLine(task);
            await test(Create(), task).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> BytesAsync(
        IRowTrainer trainer, RowTrainingContext context, CancellationToken cancellationToken = default)
    {
        using var model = await trainer.TrainAsync(context, cancellationToken).ConfigureAwait(false);
        return Cells.Save(model.Save);
    }

    private RowTrainingContext Context(
        IRowTrainer trainer, TaskKind task, int threads = 1, KeyValuePair<string, HyperparameterValue>? set = null)
    {
        var (rows, problem) = (Rows(task), Problem(task));
        var encoding = LabelEncoding.Learn(problem, rows);
        return new RowTrainingContext
        {
            Task = task,
            Problem = problem,
            Encoding = encoding,
            Rows = rows,
            Labels = encoding.Encode(rows),
            ClassCount = encoding.ClassCount,
            Parameters = TrainingChecks.Parameters(trainer, Parameters, set),
            Seed = 5,
            Threads = threads,
        };
    }

    // The same problem on some of the rows, or with what is watched.
    private RowTrainingContext Context(
        IRowTrainer trainer, RowTrainingContext all, int[]? rows = null, TrainingWatch? watch = null) => new()
    {
        Task = all.Task,
        Problem = all.Problem,
        Encoding = all.Encoding,
        Rows = rows is null ? all.Rows : all.Rows.Take(rows),
        Labels = watch?.Memory ?? (rows is null ? all.Labels : Array.ConvertAll(rows, row => all.Labels.Span[row])),
        ClassCount = all.ClassCount,
        Parameters = TrainingChecks.Parameters(trainer, Parameters, null),
        Seed = all.Seed,
        Progress = watch,
        Logger = watch ?? (ILogger)NullLogger.Instance,
    };
}
