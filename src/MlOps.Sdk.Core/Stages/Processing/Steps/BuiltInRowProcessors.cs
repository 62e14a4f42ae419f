using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>Registers the readers of the row-wise steps that come with the library.</summary>
internal static class BuiltInRowProcessors
{
    public static void AddTo(FormatReaders readers) => readers
        .Add<IRowProcessor>(RenameColumn.Format, RenameColumn.Read)
        .Add<IRowProcessor>(CastColumn.Format, CastColumn.Read)
        .Add<IRowProcessor>(DropColumns.Format, DropColumns.Read)
        .Add<IRowProcessor>(FillConstant.Format, FillConstant.Read)
        .Add<IRowProcessor>(NormalizeText.Format, NormalizeText.Read)
        .Add<IRowProcessor>(ParseDates.Format, ParseDates.Read)
        .Add<IRowProcessor>(DeriveColumn.Format, DeriveColumn.Read);
}
