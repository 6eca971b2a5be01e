// Holds values against the engine's contract while tests run: every field that its types name, of the kind that they say,
// and nothing besides. The compiler says the same of the fake's source; this sees what really crosses.

import { join } from 'node:path'
import ts from 'typescript'
import type { CallName } from './calls'

const CONTRACT = join(__dirname, '../../../ui/src/host/contract.ts')

export type Side = 'payload' | 'answer'

export class Contract {
  readonly #checker: ts.TypeChecker
  readonly #calls: ts.Type
  readonly #problem: ts.Type
  /** Names of the contract's types that some value has kept. */
  readonly met = new Set<string>()

  constructor(file = CONTRACT) {
    const program = ts.createProgram([file], { strict: true, noEmit: true, lib: ['lib.es2024.d.ts'] })
    const source = program.getSourceFile(file)
    if (!source) throw new Error(`${file} cannot be read`)
    this.#checker = program.getTypeChecker()
    const module = this.#checker.getSymbolAtLocation(source)
    const exported = module ? this.#checker.getExportsOfModule(module) : []
    const named = (name: string) => {
      const symbol = exported.find((it) => it.name === name)
      if (!symbol) throw new Error(`${file} has no ${name}`)
      return this.#checker.getDeclaredTypeOfSymbol(symbol)
    }
    this.#calls = named('Calls')
    this.#problem = named('Problem')
  }

  calls(): CallName[] {
    return this.#calls.getProperties().map((it) => it.name as CallName)
  }

  /** What is wrong with a payload or an answer; nothing, if it keeps the contract. */
  faults(name: string, side: Side, value: unknown): string[] {
    const call = this.#calls.getProperty(name)
    const wanted = call && this.#checker.getTypeOfSymbol(call).getProperty(side)
    if (!wanted) return [`${name} is no call`]
    return this.#hold(value, this.#checker.getTypeOfSymbol(wanted), `${name} ${side}`)
  }

  problemFaults(value: unknown): string[] {
    return this.#hold(value, this.#problem, 'problem')
  }

  #hold(value: unknown, type: ts.Type, at: string): string[] {
    const faults = this.#holdKind(value, type, at)
    if (faults.length === 0 && type.aliasSymbol) this.met.add(type.aliasSymbol.name)
    return faults
  }

  #holdKind(value: unknown, type: ts.Type, at: string): string[] {
    if (type.isUnion()) return this.#holdUnion(value, type, at)
    if (this.#isPlain(type)) return this.#holdPlain(value, type, at)
    if (this.#checker.isArrayType(type)) return this.#holdList(value, type, at)
    return this.#holdObject(value, type, at)
  }

  /** The best fit of a union speaks for it, so that a wrong field is named and not only its union. */
  #holdUnion(value: unknown, type: ts.UnionType, at: string): string[] {
    const tried = type.types.map((one) => this.#hold(value, one, at))
    return tried.reduce((least, one) => (one.length < least.length ? one : least))
  }

  #isPlain(type: ts.Type): boolean {
    const { StringLike, NumberLike, BooleanLike, Null, Undefined } = ts.TypeFlags
    return (type.flags & (StringLike | NumberLike | BooleanLike | Null | Undefined)) !== 0
  }

  #holdPlain(value: unknown, type: ts.Type, at: string): string[] {
    const wanted = this.#checker.typeToString(type)
    const given = JSON.stringify(value)
    const kinds: string[] = [typeof value, String(value)]
    const fits = type.isStringLiteral() ? value === type.value : kinds.includes(wanted)
    return fits ? [] : [`${at}: ${given} is not ${wanted}`]
  }

  #holdList(value: unknown, type: ts.Type, at: string): string[] {
    if (!Array.isArray(value)) return [`${at}: no list`]
    const [element] = this.#checker.getTypeArguments(type as ts.TypeReference)
    if (!element) return [`${at}: a list of nothing`]
    return value.flatMap((one, i) => this.#hold(one, element, `${at}[${i}]`))
  }

  #holdObject(value: unknown, type: ts.Type, at: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`]
    const given = value as Record<string, unknown>
    const values = type.getStringIndexType()
    if (values) return Object.entries(given).flatMap(([key, one]) => this.#hold(one, values, `${at}.${key}`))
    const fields = this.#checker.getPropertiesOfType(type)
    const strange = Object.keys(given).filter((key) => !fields.some((it) => it.name === key))
    return [
      ...strange.map((key) => `${at}.${key}: not in the contract`),
      ...fields.flatMap((field) => this.#holdField(given, field, at)),
    ]
  }

  #holdField(given: Record<string, unknown>, field: ts.Symbol, at: string): string[] {
    const optional = (field.flags & ts.SymbolFlags.Optional) !== 0
    if (!(field.name in given)) return optional ? [] : [`${at}.${field.name}: missing`]
    return this.#hold(given[field.name], this.#checker.getTypeOfSymbol(field), `${at}.${field.name}`)
  }
}
