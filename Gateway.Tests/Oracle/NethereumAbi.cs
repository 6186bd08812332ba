using Nethereum.ABI.FunctionEncoding;
using Nethereum.ABI.Model;
using Nethereum.Hex.HexConvertors.Extensions;

namespace Xmtp.Gateway.Tests.Oracle;

/// <summary>
/// A function, an event or an error as Nethereum sees it, from its signature such as <c>Deposit(address
/// indexed,uint96)</c>.
/// </summary>
internal sealed class NethereumAbi
{
    private readonly string _name;
    private readonly Parameter[] _parameters;

    public NethereumAbi(string signature)
    {
        var open = signature.IndexOf('(', StringComparison.Ordinal);
        _name = signature[..open];
        var members = signature[(open + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        _parameters = [.. members.Select(
            (member, i) => new Parameter(member.Split(' ')[0], i + 1) { Indexed = member.EndsWith(" indexed", StringComparison.Ordinal) })];
    }

    public IEnumerable<string> Types => _parameters.Select(parameter => parameter.Type);

    /// <summary>The 32 bytes that name an event.</summary>
    public byte[] Topic => new EventABI(_name) { InputParameters = _parameters }.Sha3Signature.HexToByteArray();

    /// <summary>The 4 bytes that name a function or an error.</summary>
    public byte[] Selector => new FunctionABI(_name, false) { InputParameters = _parameters }.Sha3Signature.HexToByteArray()[..4];

    /// <summary>Selector and arguments.</summary>
    public byte[] EncodeCall(object[] values) => [.. Selector, .. Encode(_parameters, values)];

    /// <summary>The values of a call's data.</summary>
    public object[] DecodeCall(byte[] call) =>
        [.. new FunctionCallDecoder()
            .DecodeFunctionInput(Selector.ToHex(true), call.ToHex(true), _parameters)
            .Select(output => output.Result)];

    /// <summary>The members that an event has in its data.</summary>
    public byte[] EncodeData(object[] values)
    {
        var inData = Enumerable.Range(0, _parameters.Length).Where(i => !_parameters[i].Indexed).ToArray();
        return Encode([.. inData.Select(i => _parameters[i])], [.. inData.Select(i => values[i])]);
    }

    /// <summary>The topics of an event, its own among them.</summary>
    public IEnumerable<byte[]> EncodeTopics(object[] values) =>
        [
            Topic,
            .. Enumerable.Range(0, _parameters.Length)
                .Where(i => _parameters[i].Indexed)
                .Select(i => Encode([_parameters[i]], [values[i]])),
        ];

    private static byte[] Encode(Parameter[] parameters, object[] values) => new ParametersEncoder().EncodeParameters(parameters, values);
}
