using System.Globalization;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What every built-in trainer checks before it learns.</summary>
internal static class TrainingInput
{
    /// <summary>Checks rows, labels, weights and parameters.</summary>
    public static void Check(ITrainer trainer, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!trainer.Capabilities.Tasks.Contains(context.Task))
        {
            throw new MlOpsException(
                $"The trainer '{trainer.Name}' does not solve the task {context.Task}.",
                $"It solves {string.Join(", ", trainer.Capabilities.Tasks)}; choose another trainer.");
        }

        var rows = context.Features.RowCount;
        if (context.Labels.Length != rows)
        {
            throw new ArgumentException($"{rows} rows of features have {context.Labels.Length} labels.", nameof(context));
        }
        if (!context.Weights.IsEmpty && context.Weights.Length != rows)
        {
            throw new ArgumentException($"{rows} rows have {context.Weights.Length} weights.", nameof(context));
        }
        if (!context.Groups.IsEmpty && context.Groups.Length != rows)
        {
            throw new ArgumentException($"{rows} rows have {context.Groups.Length} groups.", nameof(context));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(context.Threads, 1, nameof(context));
        if (rows == 0)
        {
            throw new MlOpsException("There are no training rows.", "Check the filters and the split: they leave no training rows.");
        }
        if (context.Features.Width == 0)
        {
            throw new MlOpsException("There are no features.", "Add a transform to EngineerFeatures, for example Auto().");
        }
        if (context.Features.Sparse is not null && !trainer.Capabilities.Sparse)
        {
            throw new ArgumentException($"The trainer '{trainer.Name}' does not read sparse features.", nameof(context));
        }
        if (!context.Weights.IsEmpty && !trainer.Capabilities.Weights)
        {
            throw new MlOpsException(
                $"The trainer '{trainer.Name}' does not support weights.",
                "Remove Weight(…) and BalanceClasses(), or try another trainer.");
        }
        foreach (var hyperparameter in trainer.Hyperparameters) context.Setting(hyperparameter);
        CheckWeights(context.Weights.Span, "training row");
        CheckLabels(context, context.Labels.Span, "training row");
        if (!trainer.Capabilities.HandlesMissing) CheckFinite(trainer, context.Features, "training row");
        if (trainer.Capabilities.ValidationRows && context.Validation is { } validation) CheckValidation(trainer, context, validation);
    }

    /// <summary>The sum of weight per class, and of all.</summary>
    public static double[] ClassWeights(TrainingContext context)
    {
        var labels = context.Labels.Span;
        var weights = context.Weights.Span;
        var sums = new double[context.ClassCount];
        for (var i = 0; i < labels.Length; i++) sums[(int)labels[i]] += weights.IsEmpty ? 1 : weights[i];
        return sums;
    }

    /// <summary>The weighted mean of the labels.</summary>
    public static double MeanLabel(TrainingContext context)
    {
        var labels = context.Labels.Span;
        var weights = context.Weights.Span;
        double mean = 0, total = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            total += weight;
            mean += (labels[i] - mean) * (weight / total);
        }

        return mean;
    }

    /// <summary>Rejects labels of a single class, from which nothing can be learned.</summary>
    public static void RequireTwoClasses(ITrainer trainer, ReadOnlySpan<double> classWeights)
    {
        if (classWeights.Length - classWeights.Count(0.0) >= 2) return;
        var only = classWeights.IndexOfAnyExcept(0.0);
        throw new MlOpsException(
            $"All training rows are of one class ({only}), so the trainer '{trainer.Name}' has nothing to learn.",
            "Check the label column and the filters, or collect rows of the other classes.");
    }

    private static void CheckValidation(ITrainer trainer, TrainingContext context, ValidationRows validation)
    {
        var rows = validation.Features.RowCount;
        if (rows == 0 || validation.Labels.Length != rows || (!validation.Weights.IsEmpty && validation.Weights.Length != rows))
        {
            throw new ArgumentException(
                $"{rows} validation rows have {validation.Labels.Length} labels and {validation.Weights.Length} weights.", nameof(context));
        }
        if (validation.Features.Width != context.Features.Width || validation.Features.DenseWidth != context.Features.DenseWidth)
        {
            throw new ArgumentException(
                $"The validation rows have {validation.Features.Width} features, the training rows {context.Features.Width}.",
                nameof(context));
        }
        CheckWeights(validation.Weights.Span, "validation row");
        CheckLabels(context, validation.Labels.Span, "validation row");
        if (!trainer.Capabilities.HandlesMissing) CheckFinite(trainer, validation.Features, "validation row");
    }

    private static void CheckWeights(ReadOnlySpan<double> weights, string kind)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] <= 0)
            {
                throw new MlOpsException(
                    FormattableString.Invariant($"The weight of {kind} {i} is {weights[i]}."),
                    "Weights must be finite numbers above 0; remove rows that should not count.");
            }
        }
    }

    private static void CheckLabels(TrainingContext context, ReadOnlySpan<double> labels, string kind)
    {
        var classes = context.Task == TaskKind.Regression ? 0 : context.ClassCount;
        if (context.Task != TaskKind.Regression) ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2, nameof(context));
        for (var i = 0; i < labels.Length; i++)
        {
            var label = labels[i];
            if (classes == 0 ? double.IsFinite(label) : label >= 0 && label < classes && label == Math.Floor(label)) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The label of {kind} {i} is {label}."),
                classes == 0
                    ? "Labels of a regression must be finite numbers; remove the row, or clean the label column."
                    : FormattableString.Invariant($"Labels must be class numbers from 0 to {classes - 1}."));
        }
    }

    private static void CheckFinite(ITrainer trainer, FeatureMatrix features, string kind)
    {
        for (var slot = 0; slot < features.DenseWidth; slot++)
        {
            var column = features.Column(slot);
            for (var row = 0; row < column.Length; row++)
            {
                if (!float.IsFinite(column[row])) throw NotFinite(trainer, features.Slots[slot], $"{kind} {row}", column[row]);
            }
        }

        if (features.Sparse is not { } sparse) return;
        for (var row = 0; row < sparse.RowCount; row++)
        {
            for (var i = sparse.Starts[row]; i < sparse.Starts[row + 1]; i++)
            {
                if (float.IsFinite(sparse.Values[i])) continue;
                throw NotFinite(trainer, features.Slots[sparse.Slots[i]], $"{kind} {row}", sparse.Values[i]);
            }
        }
    }

    private static MlOpsException NotFinite(ITrainer trainer, FeatureSlot feature, string row, float value)
    {
        var what = float.IsNaN(value) ? "missing" : "infinite";
        return new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The feature '{feature.Name}' of {row} is {what}, which the trainer '{trainer.Name}' does not support."),
            "Fill missing values and clip infinite ones in EngineerFeatures, " +
                "or use Trainers.GradientBoosting(), which supports both.") { Column = feature.Column };
    }
}
