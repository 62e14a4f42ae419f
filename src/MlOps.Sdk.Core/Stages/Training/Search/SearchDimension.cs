namespace MlOps.Sdk.Training;

/// <summary>The values that one hyperparameter may take in a search.</summary>
internal abstract record SearchDimension
{
    public abstract bool IsFixed { get; }

    /// <summary>Maps an even draw of at least 0 and below 1 to a value.</summary>
    public abstract HyperparameterValue Draw(double even);

    public sealed record Range(double From, double To, bool IsLog, bool IsInteger) : SearchDimension
    {
        public override bool IsFixed => From == To;

        public override HyperparameterValue Draw(double even)
        {
            // Whole numbers get equal shares, the bounds included.
            var (from, to) = IsInteger ? (From, To + 1) : (From, To);
            var value = IsLog ? Math.Exp(Math.Log(from) + even * (Math.Log(to) - Math.Log(from))) : from + even * (to - from);
            return Math.Clamp(IsInteger ? Math.Floor(value) : value, From, To);
        }
    }

    public sealed record OneOf(HyperparameterValue[] Values) : SearchDimension
    {
        public override bool IsFixed => Values.Length == 1;

        public override HyperparameterValue Draw(double even) => Values[(int)(even * Values.Length)];
    }
}
