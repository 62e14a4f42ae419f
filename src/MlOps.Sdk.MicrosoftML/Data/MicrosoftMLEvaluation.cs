using Microsoft.ML;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.MLNet;

namespace MlOps.Sdk;

/// <summary>What <see cref="Evaluation"/> gains by ML.NET.</summary>
public static class MicrosoftMLEvaluation
{
    extension(Evaluation)
    {
        /// <summary>
        /// Labels and predictions of a view that a model of ML.NET has scored, for the metrics of the library. The types say what is
        /// predicted: a vector of scores several classes, a number for a label of true and false (or with <paramref name="positive"/>) one
        /// of two classes, a number for a label of numbers a number. Scores of several classes are matched to labels by the names of the
        /// classes, where the trainer left them, and by the keys else.
        /// </summary>
        /// <param name="scored">The view, read once.</param>
        /// <param name="label">The column of the truth: true and false, a key, a text or a number. Default: <c>Label</c>.</param>
        /// <param name="score">
        /// The column of the scores. Default: <c>Probability</c> where there is one, else <c>Score</c>.
        /// </param>
        /// <param name="positive">
        /// The label's value that is positive; needed where one of two classes is predicted and the label is not true or false.
        /// </param>
        /// <param name="threshold">
        /// The score from which a binary classifier decides positive. Default: 0.5, and every score has to be a probability; a margin is
        /// accepted where a threshold is given.
        /// </param>
        /// <param name="groups">Columns of protected attributes, for metrics of fairness; <see langword="null"/> for none.</param>
        /// <param name="weight">The column that says how much each row counts; <see langword="null"/> where all count alike.</param>
        /// <param name="cancellationToken">Cancels the reading.</param>
        /// <exception cref="MlOpsException">
        /// A column does not exist, a label is missing or none of the classes, a score is missing or no probability, a weight is not a
        /// finite number above 0, or the types do not say what is predicted.
        /// </exception>
        public static Evaluation FromDataView(
            IDataView scored,
            string label = "Label",
            string? score = null,
            string? positive = null,
            double? threshold = null,
            IEnumerable<string>? groups = null,
            string? weight = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(scored);
            ArgumentException.ThrowIfNullOrWhiteSpace(label);
            return new ScoredView(scored, label, score, weight, groups ?? [], cancellationToken).Evaluate(positive, threshold);
        }
    }
}
