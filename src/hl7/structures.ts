import type { Hl7Message } from './message.js';

/** What a message is, by its header. */
export interface MessageStructure {
  /** MSH-9.1: `ADT`. */
  readonly code: string;
  /** MSH-9.2, else EVN-1: `A04`; '' when neither says. */
  readonly event: string;
  /** The abstract structure in the names of 2.8: `ADT_A01`. */
  readonly structure: string;
}

/**
 * The structure of a message: by MSH-9.1 and MSH-9.2 (HL7 table 0354), by MSH-9.3 only where those do not say. Feeds are often
 * wrong in MSH-9.3 (`ADT_A04` is no structure), and older versions have none.
 */
export function structureOf(message: Hl7Message): MessageStructure {
  const { header } = message;
  let code = header.value(9).toUpperCase();
  let event = header.value(9, 1, 2).toUpperCase();
  const sent = header.value(9, 1, 3).toUpperCase();
  const joined = /^([A-Z]{3})_([A-Z0-9]{3})$/.exec(code);
  if (joined !== null && event === '') [, code = '', event = ''] = joined;
  if (event === '') event = message.first('EVN')?.value(1).toUpperCase() ?? '';
  const known = structureFor(code, event);
  return { code, event, structure: known ?? (sent === '' ? [code, event].filter(Boolean).join('_') : sent) };
}

/** The structure of a message type and event, where HL7 defines one. */
export function structureFor(code: string, event: string): string | undefined {
  return byEvent.get(`${code}^${event}`) ?? byCode[code];
}

/** Every message type and event that has a given structure: `ADT_A05` → `ADT^A05`, `ADT^A14`, `ADT^A28`, `ADT^A31`. */
export function eventsOf(structure: string): readonly string[] {
  return [...byEvent].filter(([, known]) => known === structure).map(([event]) => event);
}

/** Every structure that a message can have. */
export function structureNames(): ReadonlySet<string> {
  return structures;
}

/** Every trigger event of the standard: `A01`. */
export function eventNames(): ReadonlySet<string> {
  return events;
}

/** Types whose structure does not depend on the event. */
const byCode: Readonly<Record<string, string>> = { ACK: 'ACK', ORU: 'ORU_R01', ORM: 'ORM_O01', VXU: 'VXU_V04' };

/**
 * HL7 table 0354 with the events of 2.1 to 2.8. Structure: its events, of the structure's own message type. The pharmacy messages
 * that were one event O01 or O02 until 2.3.1 are read by the structures that replaced them; they only add to them.
 */
const table = `
ADR_A19: A19
ADT_A01: A01 A04 A08 A13
ADT_A02: A02
ADT_A03: A03
ADT_A05: A05 A14 A28 A31
ADT_A06: A06 A07
ADT_A09: A09 A10 A11
ADT_A12: A12
ADT_A15: A15
ADT_A16: A16
ADT_A17: A17
ADT_A18: A18
ADT_A20: A20
ADT_A21: A21 A22 A23 A25 A26 A27 A29 A32 A33
ADT_A24: A24
ADT_A30: A30 A34 A35 A36 A46 A47 A48 A49
ADT_A37: A37
ADT_A38: A38
ADT_A39: A39 A40 A41 A42
ADT_A43: A43 A44
ADT_A45: A45
ADT_A50: A50 A51
ADT_A52: A52 A53
ADT_A54: A54 A55
ADT_A60: A60
ADT_A61: A61 A62
BAR_P01: P01
BAR_P02: P02
BAR_P05: P05
BAR_P06: P06
BAR_P10: P10
BAR_P12: P12
BPS_O29: O29
BRP_O30: O30
BRT_O32: O32
BTS_O31: O31
CCF_I22: I22
CCI_I22: I22
CCM_I21: I21
CCQ_I19: I19
CCR_I16: I16 I17 I18
CCU_I20: I20
CQU_I19: I19
CRM_C01: C01 C02 C03 C04 C05 C06 C07 C08
CSU_C09: C09 C10 C11 C12
DFT_P03: P03
DFT_P11: P11
DOC_T12: T12
DSR_P04: P04
DSR_Q01: Q01
DSR_Q03: Q03
EAC_U07: U07
EAN_U09: U09
EAR_U08: U08
EDR_R07: R07
EHC_E01: E01
EHC_E02: E02
EHC_E04: E04
EHC_E10: E10
EHC_E12: E12
EHC_E13: E13
EHC_E15: E15
EHC_E20: E20
EHC_E21: E21
EHC_E24: E24
EQQ_Q04: Q04
ERP_R09: R09
ESR_U02: U02
ESU_U01: U01
INR_U06: U06
INU_U05: U05
LSU_U12: U12
LSR_U13: U13
MCF_Q02: Q02
MDM_T01: T01 T03 T05 T07 T09 T11
MDM_T02: T02 T04 T06 T08 T10
MFD_MFA: MFA
MFK_M01: M01 M02 M03 M04 M05 M06 M07 M08 M09 M10 M11 M12 M13 M14 M15 M16 M17
MFN_M01: M01
MFN_M02: M02
MFN_M03: M03
MFN_M04: M04
MFN_M05: M05
MFN_M06: M06
MFN_M07: M07
MFN_M08: M08
MFN_M09: M09
MFN_M10: M10
MFN_M11: M11
MFN_M12: M12
MFN_M13: M13
MFN_M15: M15
MFN_M16: M16
MFN_M17: M17
MFN_ZNN: M14
MFQ_M01: M01 M02 M03 M04 M05 M06
MFR_M01: M01 M02 M03
MFR_M04: M04
MFR_M05: M05
MFR_M06: M06
MFR_M07: M07
NMD_N02: N02
NMQ_N01: N01
NMR_N01: N01
OMB_O27: O27
OMD_O03: O03
OMG_O19: O19
OMI_O23: O23
OML_O21: O21
OML_O33: O33
OML_O35: O35
OML_O39: O39
OMN_O07: O07 O01
OMP_O09: O09
OMS_O05: O05 O01
OPL_O37: O37
OPR_O38: O38
OPU_R25: R25
ORA_R33: R33
ORA_R41: R41
ORB_O28: O28
ORD_O04: O04
ORF_R04: R04
ORG_O20: O20
ORI_O24: O24
ORL_O22: O22
ORL_O34: O34
ORL_O36: O36
ORL_O40: O40
ORM_O01: O01
ORN_O08: O08 O02
ORP_O10: O10
ORR_O02: O02
ORS_O06: O06 O02
ORU_R01: R01 R03 R40
ORU_R30: R30 R31 R32
OSM_R26: R26
OSQ_Q06: Q06
OSR_Q06: Q06
OUL_R21: R21
OUL_R22: R22
OUL_R23: R23
OUL_R24: R24
PEX_P07: P07 P08
PGL_PC6: PC6 PC7 PC8
PIN_I07: I07
PMU_B01: B01 B02
PMU_B03: B03
PMU_B04: B04 B05 B06
PMU_B07: B07
PMU_B08: B08
PPG_PCG: PCG PCH PCJ
PPP_PCB: PCB PCC PCD
PPR_PC1: PC1 PC2 PC3
PPT_PCL: PCL
PPV_PCA: PCA
PRR_PC5: PC5
PTR_PCF: PCF
QBP_E03: E03
QBP_E22: E22
QBP_Q11: Q11
QBP_Q13: Q13
QBP_Q15: Q15
QBP_Q21: Q21 Q22 Q23 Q24 Q25 Q26 Q27 Q28 Q29 Q30
QBP_Q31: Q31
QCK_Q02: Q02
QCN_J01: J01
QRY_A19: A19
QRY_PC4: PC4 PC9 PCE PCK
QRY_Q01: Q01 Q26 Q27 Q28 Q29 Q30
QRY_Q02: Q02
QRY_R02: R02
QRY_T12: T12
QSB_Q16: Q16
QVR_Q17: Q17
RAR_RAR: RAR
RAS_O17: O17 O01
RCI_I05: I05
RCL_I06: I06
RDE_O11: O11 O25 O01
RDO_O01: O01
RDR_RDR: RDR
RDS_O13: O13 O01
RDY_K15: K15
REF_I12: I12 I13 I14 I15
RER_RER: RER
RGR_RGR: RGR
RGV_O15: O15 O01
ROR_ROR: ROR
RPA_I08: I08 I09 I10 I11
RPI_I01: I01
RPI_I04: I04
RPL_I02: I02
RPR_I03: I03
RQA_I08: I08 I09 I10 I11
RQC_I05: I05 I06
RQI_I01: I01 I02 I03
RQP_I04: I04
RQQ_Q09: Q09
RRA_O18: O18 O02
RRD_O14: O14 O02
RRE_O12: O12 O26 O02
RRG_O16: O16 O02
RRI_I12: I12 I13 I14 I15
RRO_O02: O02
RSP_E03: E03
RSP_E22: E22
RSP_K11: K11
RSP_K13: K13
RSP_K15: K15
RSP_K21: K21
RSP_K22: K22
RSP_K23: K23
RSP_K24: K24
RSP_K25: K25
RSP_K31: K31
RSP_K32: K32
RTB_K13: K13
SCN_S37: S37
SDN_S36: S36
SDR_S31: S31
SIU_S12: S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S26 S27
SLN_S34: S34 S35
SLR_S28: S28 S29
SMD_S32: S32
SPQ_Q08: Q08
SQM_S25: S25
SQR_S25: S25
SRM_S01: S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11
SRR_S01: S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11
SSR_U04: U04
SSU_U03: U03
STC_S33: S33
STI_S30: S30
SUR_P09: P09
TBR_R08: R08
TCR_U11: U11
TCU_U10: U10
UDM_Q05: Q05
VQQ_Q07: Q07
VXQ_V01: V01
VXR_V03: V03
VXU_V04: V04
VXX_V02: V02
`;

const byEvent = new Map<string, string>(
  table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [structure = '', events = ''] = line.split(': ');
      return events.split(' ').map((event): [string, string] => [`${structure.slice(0, 3)}^${event}`, structure]);
    }),
);

const structures: ReadonlySet<string> = new Set([...byEvent.values(), ...Object.values(byCode)]);
const events: ReadonlySet<string> = new Set([...byEvent.keys()].map((key) => key.slice(key.indexOf('^') + 1)));
