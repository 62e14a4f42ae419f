using System.Reflection.Emit;

namespace MlOps.Sdk.Plugins;

/// <summary>An instruction of a method body.</summary>
/// <param name="Code">What it does.</param>
/// <param name="Value">The bits of its operand: a token, a constant, the number of a variable.</param>
/// <param name="Targets">Where it may jump to, as numbers of instructions; <see langword="null"/> when it does not jump.</param>
internal readonly record struct IlInstruction(OpCode Code, long Value, int[]? Targets);
